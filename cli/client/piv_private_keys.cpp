// SPDX-License-Identifier: Apache-2.0
#include "base/tlv.hpp"
#include "cli/client/piv_card.hpp"
#include "cli/client/refusal.hpp"

namespace tpmvsc::cli::client {
namespace {

constexpr std::uint8_t ins_general_authenticate = 0x87;
constexpr std::uint32_t tag_dynamic_authentication = 0x7C;
constexpr std::uint32_t tag_challenge = 0x81;
constexpr std::uint32_t tag_response = 0x82;
constexpr std::uint32_t tag_exponentiation = 0x85;

} // namespace

/// GENERAL AUTHENTICATE with a private key: the input under its tag, and an empty object that asks
/// for the result.
Bytes PivCard::authenticate(card::KeySlot slot, card::KeyAlgorithm algorithm, std::uint32_t tag,
                            ByteView input) const {
    const std::string what = "cannot use the key";
    const auto identifier = piv::identifier_of(algorithm);
    if (!identifier) {
        throw malformed(what);
    }
    TlvWriter writer;
    writer.open(tag_dynamic_authentication).add(tag_response, {}).add(tag, input).close();
    const auto reply = send(ins_general_authenticate, *identifier, slot, writer.take());
    require_done(what, reply);
    const auto outer = TlvReader(reply.data).find(tag_dynamic_authentication);
    const auto result = outer ? TlvReader(outer->value).find(tag_response) : std::nullopt;
    if (!result) {
        throw malformed(what);
    }
    return to_bytes(result->value);
}

Bytes PivCard::rsa_private(card::KeySlot slot, card::KeyAlgorithm algorithm, ByteView block) const {
    return authenticate(slot, algorithm, tag_challenge, block);
}

Bytes PivCard::ecdsa_sign(card::KeySlot slot, card::KeyAlgorithm algorithm, ByteView digest) const {
    return authenticate(slot, algorithm, tag_challenge, digest);
}

SecretBytes PivCard::derive(card::KeySlot slot, card::KeyAlgorithm algorithm,
                            ByteView point) const {
    return SecretBytes(ByteView(authenticate(slot, algorithm, tag_exponentiation, point)));
}

} // namespace tpmvsc::cli::client
