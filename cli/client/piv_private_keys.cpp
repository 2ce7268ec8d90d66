// SPDX-License-Identifier: Apache-2.0
#include "cli/client/dynamic_authentication.hpp"
#include "cli/client/piv_card.hpp"
#include "cli/client/refusal.hpp"

namespace tpmvsc::cli::client {
namespace {

constexpr std::uint8_t ins_general_authenticate = 0x87;

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
    const auto reply =
        send(ins_general_authenticate, *identifier, slot,
             authentication_template({{authentication::response, {}}, {tag, input}}));
    require_done(what, reply);
    auto result = in_authentication_template(reply.data, authentication::response);
    if (!result) {
        throw malformed(what);
    }
    return std::move(*result);
}

Bytes PivCard::rsa_private(card::KeySlot slot, card::KeyAlgorithm algorithm, ByteView block) const {
    return authenticate(slot, algorithm, authentication::challenge, block);
}

/// RSA signatures and ECDSA are the same command.
Bytes PivCard::sign(card::KeySlot slot, card::KeyAlgorithm algorithm, ByteView input) const {
    return authenticate(slot, algorithm, authentication::challenge, input);
}

SecretBytes PivCard::derive(card::KeySlot slot, card::KeyAlgorithm algorithm,
                            ByteView point) const {
    return SecretBytes(
        ByteView(authenticate(slot, algorithm, authentication::exponentiation, point)));
}

} // namespace tpmvsc::cli::client
