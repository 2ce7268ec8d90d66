// SPDX-License-Identifier: Apache-2.0
// Keys of a GIDS card as Windows and OpenSC find them: containers, and the certificates that go
// with them.
#include "base/crypto.hpp"
#include "cli/client/gids_card.hpp"
#include "cli/client/packing.hpp"
#include "cli/client/public_key_objects.hpp"
#include "cli/client/refusal.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>

namespace tpmvsc::cli::client {
namespace {

constexpr card::KeySlot first_slot = 0x81;
constexpr std::uint8_t der_sequence = 0x30;
/// The head of a packed file: version 1, and the size unpacked, the little end first.
constexpr std::size_t head_bytes = 4;

std::size_t index_of(card::KeySlot slot) {
    return static_cast<std::size_t>(slot - first_slot);
}

card::KeySlot slot_of(std::size_t index) {
    return static_cast<card::KeySlot>(first_slot + index);
}

/// "kxc0A": key exchange, "ksc0A": signature.
std::string certificate_name(card::KeySlot slot, KeyUse use) {
    std::array<char, 6> name{};
    std::snprintf(name.data(), name.size(), "k%cc%02X", use == KeyUse::exchange ? 'x' : 's',
                  static_cast<unsigned>(index_of(slot)));
    return name.data();
}

KeyUse use_of(const gids::Container& container) {
    return container.exchange_bits != 0 ? KeyUse::exchange : KeyUse::signature;
}

KeyUse use_of(const NewKey& wanted) {
    return wanted.use.value_or(card::is_rsa(wanted.algorithm) ? KeyUse::exchange
                                                              : KeyUse::signature);
}

unsigned bits_of(card::KeyAlgorithm algorithm) {
    return algorithm == card::KeyAlgorithm::p521
               ? 521
               : static_cast<unsigned>(8 * card::key_bytes(algorithm));
}

/// In the form of Windows' own, which are identifiers as well.
std::string random_name() {
    const std::string digits = to_hex(crypto::random_bytes(16));
    return digits.substr(0, 8) + "-" + digits.substr(8, 4) + "-" + digits.substr(12, 4) + "-" +
           digits.substr(16, 4) + "-" + digits.substr(20);
}

/// Without the number that a successor has: "mail (2)".
std::string without_number(const std::string& name) {
    const auto open = name.rfind(" (");
    const bool numbered = open != std::string::npos && name.back() == ')' &&
                          name.find_first_not_of("0123456789", open + 2) == name.size() - 1;
    return numbered ? name.substr(0, open) : name;
}

Failure full() {
    return {ExitCode::failed, "all " + std::to_string(gids::most_containers) +
                                  " containers of the card are taken: delete a key that is no "
                                  "longer needed"};
}

Bytes packed(ByteView certificate) {
    const auto size = static_cast<std::uint16_t>(certificate.size());
    const Bytes head{0x01, 0x00, static_cast<std::uint8_t>(size),
                     static_cast<std::uint8_t>(size >> 8)};
    return concat({head, pack(certificate)});
}

} // namespace

// --- Containers

/// A container whose key was never made is as good as none.
card::KeySlot GidsCard::free_slot() const {
    (void)files_.containers();
    for (std::size_t index = 0; index < gids::most_containers; ++index) {
        if (!public_key(slot_of(index))) {
            return slot_of(index);
        }
    }
    throw full();
}

std::vector<card::KeySlot> GidsCard::labelled_slots() const {
    std::vector<card::KeySlot> slots;
    // A file that somebody has written may list more than there are key references for.
    const std::size_t count = std::min(files_.containers().size(), gids::most_containers);
    for (std::size_t index = 0; index < count; ++index) {
        if (files_.containers().at(index)) {
            slots.push_back(slot_of(index));
        }
    }
    return slots;
}

std::optional<KeyLabel> GidsCard::label(card::KeySlot slot) const {
    const auto container = files_.containers().at(index_of(slot));
    return container
               ? std::optional(KeyLabel{container->name, use_of(*container), container->is_default})
               : std::nullopt;
}

void GidsCard::require_possible(const NewKey& wanted) const {
    if (wanted.pin_policy == card::PinPolicy::always) {
        throw Failure(ExitCode::unsupported, "GIDS has no keys that want the PIN for each use: "
                                             "--pin-policy once or never");
    }
    if (wanted.use == KeyUse::exchange && !card::is_rsa(wanted.algorithm)) {
        throw Failure(ExitCode::unsupported,
                      "on a GIDS card keys on elliptic curves only sign: --key-usage sign");
    }
    const auto units = gids::container_name_units(wanted.label);
    if (!units || *units > gids::longest_container_name) {
        throw Failure(ExitCode::usage, "--label takes up to " +
                                           std::to_string(gids::longest_container_name) +
                                           " characters of UTF-8");
    }
    for (const card::KeySlot slot : labelled_slots()) {
        if (slot != wanted.slot && !wanted.label.empty() && label(slot)->name == wanted.label) {
            throw Failure(ExitCode::failed,
                          "there is a container of this name on the card: choose another --label");
        }
    }
    if (public_key(wanted.slot)) {
        throw Failure(ExitCode::failed,
                      "container " + std::to_string(index_of(wanted.slot)) +
                          " holds a key, and keys of a GIDS card are not replaced: leave the "
                          "container out to take a free one, or delete that key first");
    }
}

/// Names are unique: Windows opens containers by them.
std::string GidsCard::free_name(const std::string& wanted) const {
    if (wanted.empty()) {
        return random_name();
    }
    const auto taken = [this](const std::string& name) {
        const auto slots = labelled_slots();
        return std::any_of(slots.begin(), slots.end(),
                           [&](card::KeySlot slot) { return label(slot)->name == name; });
    };
    std::string name = wanted;
    for (unsigned number = 2; taken(name); ++number) {
        name = without_number(wanted) + " (" + std::to_string(number) + ")";
    }
    const auto units = gids::container_name_units(name);
    return units && *units <= gids::longest_container_name ? name : random_name();
}

void GidsCard::list_key(const NewKey& wanted, bool as_default) {
    for (const KeyUse use : {KeyUse::exchange, KeyUse::signature}) {
        files_.remove(certificate_name(wanted.slot, use)); // of a key that was here before
    }
    const KeyUse use = use_of(wanted);
    const auto bits = static_cast<std::uint16_t>(bits_of(wanted.algorithm));
    gids::Container container;
    container.name = wanted.label;
    container.is_default = as_default;
    (use == KeyUse::exchange ? container.exchange_bits : container.signature_bits) = bits;
    gids::ContainerMap containers = files_.containers();
    containers.put(index_of(wanted.slot), container);
    gids::KeyMap keys = files_.key_map();
    keys.fit(containers.size());
    keys.put(index_of(wanted.slot), wanted.algorithm, use == KeyUse::exchange);
    files_.write_containers(std::move(containers), std::move(keys),
                            GidsFiles::Order::key_map_first);
}

/// Where the card refuses on the way, nothing stays behind; where it is not there any more, the
/// next key that comes here clears it away.
void GidsCard::make_and_list(const NewKey& wanted, const std::function<void()>& make) {
    NewKey named = wanted;
    named.use = use_of(wanted);
    named.label = free_name(wanted.label);
    const auto listed = labelled_slots();
    const bool has_default = std::any_of(listed.begin(), listed.end(), [this](card::KeySlot slot) {
        return label(slot)->is_default;
    });
    try {
        create_key_file(named);
        make();
        list_key(named, !has_default);
    } catch (...) {
        const std::exception_ptr reason = std::current_exception();
        try {
            delete_key(wanted.slot);
        } catch (const std::exception&) { // the first failure is what the person has to know
        }
        std::rethrow_exception(reason);
    }
}

card::PublicKey GidsCard::generate_key(const NewKey& wanted) {
    card::PublicKey key;
    make_and_list(wanted, [&] { key = generate_in_file(wanted); });
    return key;
}

void GidsCard::import_rsa_key(const NewKey& wanted, const RsaNumbers& numbers) {
    make_and_list(wanted, [&] { put_key(wanted.slot, numbers); });
}

void GidsCard::import_ec_key(const NewKey& /*wanted*/, ByteView /*scalar*/) {
    throw Failure(ExitCode::unsupported, "GIDS cards take RSA keys from outside only");
}

void GidsCard::delete_key(card::KeySlot slot) {
    remove_certificate(slot);
    if (index_of(slot) < files_.containers().size()) {
        gids::ContainerMap containers = files_.containers();
        gids::KeyMap keys = files_.key_map();
        containers.clear(index_of(slot));
        keys.clear(index_of(slot));
        files_.write_containers(std::move(containers), std::move(keys),
                                GidsFiles::Order::container_map_first);
    } else {
        files_.mend_key_map();
    }
    remove_key_file(slot);
}

// --- Certificates

/// That of the container's own kind first; Windows goes by it.
std::optional<std::string> GidsCard::certificate_file(card::KeySlot slot) const {
    const auto container = files_.containers().at(index_of(slot));
    const KeyUse likely = container ? use_of(*container) : KeyUse::exchange;
    const KeyUse other = likely == KeyUse::exchange ? KeyUse::signature : KeyUse::exchange;
    for (const KeyUse use : {likely, other}) {
        if (files_.has(certificate_name(slot, use))) {
            return certificate_name(slot, use);
        }
    }
    return std::nullopt;
}

bool GidsCard::has_certificate(card::KeySlot slot) const {
    const auto name = certificate_file(slot);
    const auto contents = name ? files_.read(*name) : std::nullopt;
    return contents && !contents->empty();
}

std::optional<Bytes> GidsCard::certificate(card::KeySlot slot) const {
    const auto name = certificate_file(slot);
    const auto contents = name ? files_.read(*name) : std::nullopt;
    if (!contents || contents->empty()) {
        return std::nullopt;
    }
    if (contents->front() == der_sequence) {
        return contents;
    }
    auto unpacked = contents->size() > head_bytes ? unpack(ByteView(*contents).subspan(head_bytes))
                                                  : std::nullopt;
    if (!unpacked) {
        throw unreadable_certificate(std::to_string(index_of(slot)));
    }
    return unpacked;
}

std::size_t GidsCard::most_certificate_bytes() const {
    return largest_unpacked;
}

/// Packed it has to fit into a file; OpenSC reads up to 65,000 bytes.
bool GidsCard::has_room_for(ByteView certificate) const {
    constexpr std::size_t longest_file = 65000;
    return certificate.size() <= largest_unpacked && packed(certificate).size() <= longest_file;
}

void GidsCard::write_certificate(card::KeySlot slot, ByteView certificate) {
    const auto container = files_.containers().at(index_of(slot));
    if (!container) {
        throw Failure(ExitCode::failed, "the key is in no container that programs could find it "
                                        "by: delete it, and make another one");
    }
    files_.write(certificate_name(slot, use_of(*container)), packed(certificate));
}

void GidsCard::remove_certificate(card::KeySlot slot) {
    for (const KeyUse use : {KeyUse::exchange, KeyUse::signature}) {
        files_.remove(certificate_name(slot, use));
    }
}

// --- A new key for what an old one was for

Succession GidsCard::plan_succession(card::KeySlot former,
                                     std::optional<card::KeySlot> keep) const {
    if (keep) {
        throw Failure(ExitCode::usage, "--retire-to is for PIV cards: on a GIDS card the former "
                                       "key stays where it is");
    }
    return {former, free_slot(), former};
}

/// The new key is not listed until it has proven itself.
void GidsCard::begin_succession(const Succession& plan, card::KeyAlgorithm algorithm,
                                card::PinPolicy pin_policy) {
    const auto former = label(plan.former);
    const NewKey wanted{
        plan.fresh, algorithm, pin_policy, former ? std::optional(former->use) : std::nullopt, {}};
    create_key_file(wanted);
    (void)generate_in_file(wanted);
}

void GidsCard::finish_succession(const Succession& plan) {
    const auto former = label(plan.former);
    const auto key = public_key(plan.fresh);
    const auto algorithm = key ? algorithm_of(*key) : std::nullopt;
    if (!algorithm) {
        throw malformed("cannot list the new key");
    }
    const NewKey wanted{plan.fresh, *algorithm, std::nullopt,
                        former ? std::optional(former->use) : std::nullopt,
                        free_name(former ? former->name : std::string())};
    list_key(wanted, former && former->is_default);
}

void GidsCard::undo_succession(const Succession& plan) {
    delete_key(plan.fresh);
}

} // namespace tpmvsc::cli::client
