// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/metadata.hpp"

#include "apdu/piv/attestation.hpp"
#include "apdu/piv/key_attributes.hpp"
#include "apdu/public_key_template.hpp"
#include "base/tlv.hpp"

#include <algorithm>

namespace tpmvsc::piv {

namespace {

namespace sw = apdu::sw;
using apdu::Response;

constexpr std::uint32_t tag_algorithm = 0x01;
constexpr std::uint32_t tag_policy = 0x02;
constexpr std::uint32_t tag_origin = 0x03;
constexpr std::uint32_t tag_public_key = 0x04;
constexpr std::uint32_t tag_is_default = 0x05;
constexpr std::uint32_t tag_tries = 0x06;

Bytes flag(bool value) {
    return {static_cast<std::uint8_t>(value ? 1 : 0)};
}

Response of_key(const std::optional<card::KeyInfo>& key) {
    constexpr std::uint8_t generated = 1;
    constexpr std::uint8_t imported = 2;
    const auto algorithm = key ? identifier_of(key->algorithm) : std::nullopt;
    if (!algorithm) {
        return sw::reference_not_found; // none, or a curve that PIV has no identifier for
    }
    const bool made_here = key->origin == card::KeyOrigin::generated;
    TlvWriter writer;
    writer.add(tag_algorithm, Bytes{*algorithm})
        .add(tag_policy, Bytes{identifier_of(key->pin_policy), no_touch})
        .add(tag_origin, Bytes{made_here ? generated : imported})
        .add(tag_public_key, apdu::public_key_objects(key->public_key));
    return Response(writer.take());
}

Response of_secret(card::Card& card, card::PinKind kind) {
    constexpr std::uint8_t no_algorithm = 0xFF;
    const auto in_a_byte = [](unsigned tries) {
        return static_cast<std::uint8_t>(std::min(tries, 255u));
    };
    const card::PinTries tries = card.tries(kind);
    if (tries.limit == 0) {
        return sw::reference_not_found; // a card may have no PUK
    }
    TlvWriter writer;
    writer.add(tag_algorithm, Bytes{no_algorithm})
        .add(tag_is_default, flag(card.is_default(kind)))
        .add(tag_tries, Bytes{in_a_byte(tries.limit), in_a_byte(tries.left)});
    return Response(writer.take());
}

Response of_admin_key(const card::AdminKey& key) {
    constexpr std::uint8_t no_pin_policy = 0;
    const bool as_after_reset = key.is_default() && key.algorithm() == card::AdminAlgorithm::tdes;
    TlvWriter writer;
    writer.add(tag_algorithm, Bytes{identifier_of(key.algorithm())})
        .add(tag_policy, Bytes{no_pin_policy, no_touch})
        .add(tag_is_default, flag(as_after_reset));
    return Response(writer.take());
}

} // namespace

Response metadata(card::Card& card, const GetMetadata& command) {
    switch (command.reference) {
    case pin_reference:
        return of_secret(card, card::PinKind::pin);
    case puk_reference:
        return of_secret(card, card::PinKind::puk);
    case admin_key_reference:
        return of_admin_key(card.admin_key());
    case attestation_key_reference:
        return of_key(attestation_key(card));
    default:
        break;
    }
    if (find_key_reference(command.reference) == nullptr) {
        return sw::reference_not_found;
    }
    return of_key(card.key(command.reference));
}

} // namespace tpmvsc::piv
