// SPDX-License-Identifier: Apache-2.0
#include "card/create.hpp"

#include "base/crypto.hpp"
#include "card/card.hpp"
#include "card/construction.hpp"
#include "card/identity_file.hpp"
#include "card/replaced.hpp"
#include "tpm/tpm.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace tpmvsc::card {

namespace {

std::string utc_now() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

/// RFC 4122 version 4: PIV hosts read it as the CHUID's GUID.
Bytes random_uuid() {
    Bytes id = crypto::random_bytes(16);
    id[6] = static_cast<std::uint8_t>((id[6] & 0x0F) | 0x40);
    id[8] = static_cast<std::uint8_t>((id[8] & 0x3F) | 0x80);
    return id;
}

/// Eight decimal digits, as tools print serial numbers, that no other card of this machine has.
std::uint32_t random_serial(const std::vector<StoredCard>& others) {
    for (;;) {
        const auto serial = static_cast<std::uint32_t>(
            10'000'000 + read_big_endian(crypto::random_bytes(8)) % 90'000'000);
        if (std::none_of(others.begin(), others.end(), [&](const StoredCard& other) {
                return other.identity && other.identity->serial == serial;
            }))
            return serial;
    }
}

Identity make_identity(const Store& store, const CreateOptions& options, unsigned slot) {
    Identity identity;
    identity.id = random_uuid();
    identity.name = options.name;
    identity.profile = options.profile;
    identity.slot = slot;
    identity.serial = random_serial(store.list());
    identity.created = utc_now();
    return identity;
}

unsigned free_slot(const Store& store) {
    const auto slot = store.free_slot();
    if (!slot)
        throw std::runtime_error("all " + std::to_string(max_slots) +
                                 " reader slots of this machine hold a card: destroy one first");
    return *slot;
}

void check_options(const CreateOptions& options) {
    if (options.pin.empty())
        throw std::invalid_argument("a card needs a PIN");
    if (options.admin_key.size() != key_bytes(options.admin_algorithm))
        throw std::invalid_argument("the admin key does not have its algorithm's length");
    if (options.pin_tries == 0 || options.puk_tries == 0)
        throw std::invalid_argument("a PIN or PUK needs at least one try");
    if (options.anti_hammering == AntiHammering::lockout && options.settable_tries)
        throw std::invalid_argument("the TPM's lockout has no tries that a card could set");
}

/// Makes the card and shows it, or leaves nothing.
void make(const Store& store, tpm::Tpm& tpm, CreateOptions options, const Identity& identity) {
    check_options(options);
    Construction construction(store, tpm, std::move(options), identity);
    try {
        construction.run();
        store.commit_create(construction.folder(), identity);
    } catch (...) {
        construction.abandon();
        throw;
    }
}

} // namespace

Identity create(const Store& store, tpm::Tpm& tpm, CreateOptions options,
                const std::function<void(const Identity&, CreateOptions&)>& assign) {
    tpm.close(); // a driver in the middle of a reset holds the lock and needs the TPM
    const Store::Lock lock(store);
    const Identity identity = make_identity(store, options, free_slot(store));
    if (assign)
        assign(identity, options);
    make(store, tpm, std::move(options), identity);
    return identity;
}

Reissued reissue(const Store& store, tpm::Tpm& tpm, const std::string& folder,
                 CreateOptions options,
                 const std::function<void(const Identity&, CreateOptions&)>& assign) {
    tpm.close();
    const Store::Lock lock(store);
    bury_replaced(store); // what the old card has replaced must not come back when that goes
    const Identity old = IdentityFile::read(Folder(folder)).identity;
    options.name = old.name;
    options.profile = old.profile;
    const Identity identity = make_identity(store, options, old.slot);
    options.replaces = old.id;
    if (assign)
        assign(identity, options);
    const SecretBytes owner_auth = options.owner_auth.clone();
    make(store, tpm, std::move(options), identity);
    return {identity, clear_replaced(store, tpm, folder, owner_auth.view())};
}

CreateOptions settings_of(Card& card) {
    const ResetParties parties = card.reset_parties();
    CreateOptions options;
    options.name = card.identity().name;
    options.profile = card.identity().profile;
    options.settable_tries = card.can_set_tries();
    options.anti_hammering = card.anti_hammering();
    options.pin_rules = card.pin_rules();
    options.admin_resets_pin = parties.admin_key;
    options.reset_authority = card.reset_authority();
    return options;
}

} // namespace tpmvsc::card
