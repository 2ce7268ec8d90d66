// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/extension_commands.hpp"
#include "apdu/piv/key_attributes.hpp"
#include "apdu/status_word.hpp"
#include "base/tlv.hpp"
#include "cli/client/piv_card.hpp"
#include "cli/client/public_key_objects.hpp"
#include "cli/client/refusal.hpp"

namespace tpmvsc::cli::client {
namespace {

constexpr std::uint8_t ins_generate = 0x47;
constexpr std::uint8_t ins_move = 0xF6;
constexpr std::uint8_t ins_get_metadata = 0xF7;
constexpr std::uint8_t ins_attest = 0xF9;
constexpr std::uint8_t ins_import = 0xFE;
constexpr std::uint8_t nowhere = 0xFF;

constexpr std::uint32_t tag_control_template = 0xAC;
constexpr std::uint32_t tag_algorithm = 0x80;

std::uint8_t identifier(const NewKey& wanted) {
    const auto found = piv::identifier_of(wanted.algorithm);
    if (!found) {
        throw Failure(ExitCode::unsupported, std::string("PIV has no keys of the kind ") +
                                                 card::algorithm_name(wanted.algorithm));
    }
    return *found;
}

void add_pin_policy(TlvWriter& writer, const NewKey& wanted) {
    if (wanted.pin_policy) {
        writer.add(piv::tag_pin_policy, Bytes{piv::identifier_of(*wanted.pin_policy)});
    }
}

std::optional<card::PinPolicy> pin_policy(std::uint8_t written) {
    for (const auto policy :
         {card::PinPolicy::never, card::PinPolicy::once, card::PinPolicy::always}) {
        if (piv::identifier_of(policy) == written) {
            return policy;
        }
    }
    return std::nullopt;
}

/// Metadata of a key: 01 algorithm, 02 PIN and touch policy, 03 origin, 04 public key.
std::optional<card::KeyInfo> read_metadata(ByteView metadata) {
    constexpr std::uint8_t imported = 2;
    const TlvReader reader(metadata);
    const auto algorithm = reader.find(0x01);
    const auto policy = reader.find(0x02);
    const auto origin = reader.find(0x03);
    const auto key = reader.find(0x04);
    if (!algorithm || algorithm->value.size() != 1 || !policy || policy->value.empty() || !origin ||
        origin->value.size() != 1 || !key) {
        return std::nullopt;
    }
    const auto kind = piv::key_algorithm(algorithm->value.front());
    const auto when = pin_policy(policy->value.front());
    auto public_key = read_public_key(key->value);
    if (!kind || !when || !public_key) {
        return std::nullopt;
    }
    return card::KeyInfo{*kind, *when,
                         origin->value.front() == imported ? card::KeyOrigin::imported
                                                           : card::KeyOrigin::generated,
                         std::move(*public_key)};
}

} // namespace

std::optional<card::KeyInfo> PivCard::key(card::KeySlot slot) const {
    const std::string what = "cannot ask for the key";
    const auto reply = send(ins_get_metadata, 0, slot);
    if (reply.status == apdu::sw::reference_not_found.value) {
        return std::nullopt;
    }
    require_done(what, reply);
    auto info = read_metadata(reply.data);
    if (!info) {
        throw malformed(what);
    }
    return info;
}

std::optional<card::PublicKey> PivCard::public_key(card::KeySlot slot) const {
    auto found = key(slot);
    return found ? std::optional(std::move(found->public_key)) : std::nullopt;
}

card::KeySlot PivCard::free_slot() const {
    throw Failure(ExitCode::usage, "say which slot: 9a, 9c, 9d, 9e, or 82 to 95");
}

void PivCard::require_possible(const NewKey& wanted) const {
    if (wanted.use || !wanted.label.empty()) {
        throw Failure(ExitCode::usage, "--key-usage and --label are for GIDS cards: on a PIV card "
                                       "the slot says what a key is for");
    }
    (void)identifier(wanted);
}

card::PublicKey PivCard::generate_key(const NewKey& wanted) {
    const std::string what = "cannot make the key";
    TlvWriter writer;
    writer.open(tag_control_template).add(tag_algorithm, Bytes{identifier(wanted)});
    add_pin_policy(writer, wanted);
    const auto reply = send(ins_generate, 0, wanted.slot, writer.close().take());
    require_done(what, reply);
    auto key = read_public_key_template(reply.data);
    if (!key) {
        throw malformed(what);
    }
    return std::move(*key);
}

void PivCard::import_rsa_key(const NewKey& wanted, const RsaNumbers& numbers) {
    const crypto::RsaParts& parts = numbers.parts;
    TlvWriter writer;
    std::uint32_t tag = 0x01;
    for (const ByteView part : {parts.p, parts.q, parts.dp, parts.dq, parts.q_inverse}) {
        writer.add(tag++, part);
    }
    add_pin_policy(writer, wanted);
    require_done("cannot import the key",
                 send(ins_import, identifier(wanted), wanted.slot, writer.take()));
}

void PivCard::import_ec_key(const NewKey& wanted, ByteView scalar) {
    TlvWriter writer;
    writer.add(0x06, scalar);
    add_pin_policy(writer, wanted);
    require_done("cannot import the key",
                 send(ins_import, identifier(wanted), wanted.slot, writer.take()));
}

void PivCard::move_key(card::KeySlot from, card::KeySlot to) {
    require_done("cannot move the key", send(ins_move, to, from));
}

void PivCard::delete_key(card::KeySlot slot) {
    require_done("cannot delete the key", send(ins_move, nowhere, slot));
}

Bytes PivCard::attest(card::KeySlot slot) const {
    const auto reply = send(ins_attest, slot, 0);
    if (reply.status == apdu::sw::wrong_data.value) {
        throw Failure(ExitCode::failed,
                      "the card attests to no such key: there is none, or it was imported");
    }
    require_done("cannot have the key attested", reply);
    return reply.data;
}

} // namespace tpmvsc::cli::client
