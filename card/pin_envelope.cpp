// SPDX-License-Identifier: Apache-2.0
#include "card/pin_envelope.hpp"

#include "base/crypto.hpp"
#include "card/errors.hpp"
#include "tpm/session_crypto.hpp"

namespace tpmvsc::card {

namespace {

constexpr std::size_t point_bytes = 65;
constexpr std::uint32_t key_bits = 256;

ByteView x_of(ByteView point) {
    return point.subspan(1, 32);
}

SecretBytes envelope_key(ByteView shared_x, ByteView ephemeral, ByteView recipient) {
    return tpm::kdf_e(shared_x, "OBJECT", x_of(ephemeral), x_of(recipient), key_bits);
}

/// What the envelope is bound to.
Bytes associated_data(ObjectTag tag) {
    return concat({big_endian32(static_cast<std::uint32_t>(tag >> 32)),
                   big_endian32(static_cast<std::uint32_t>(tag))});
}

} // namespace

Bytes make_envelope(ByteView recipient, ObjectTag tag, ByteView contents) {
    const auto ephemeral = crypto::EcKeyPair::generate(crypto::Curve::p256);
    const auto shared = ephemeral.agree(recipient);
    if (!shared)
        throw StorageError(StorageError::Reason::damaged,
                           "the card's object key is damaged: restore the folder from a backup");
    const SecretBytes key = envelope_key(shared->view(), ephemeral.point(), recipient);
    return concat(
        {ephemeral.point(), crypto::gcm_seal(key.view(), associated_data(tag), contents)});
}

ByteView envelope_point(ByteView envelope) {
    if (envelope.size() < point_bytes ||
        !crypto::is_on_curve(crypto::Curve::p256, envelope.first(point_bytes)))
        throw StorageError(StorageError::Reason::damaged,
                           "a data object of the card is damaged: write it anew");
    return envelope.first(point_bytes);
}

std::optional<SecretBytes> open_envelope(const SecretBytes& shared_x, ByteView recipient,
                                         ObjectTag tag, ByteView envelope) {
    const SecretBytes key = envelope_key(shared_x.view(), envelope.first(point_bytes), recipient);
    return crypto::gcm_open(key.view(), associated_data(tag), envelope.subspan(point_bytes));
}

} // namespace tpmvsc::card
