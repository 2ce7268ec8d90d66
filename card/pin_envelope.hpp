// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "card/keys.hpp"

#include <cstdint>
#include <optional>

/// The envelope around a data object that wants the PIN to be read: anybody who may write it can
/// close it, with the public half of the card's object key; opening takes an ECDH by the private
/// half, which the TPM does only after the PIN. Form: ephemeral point (65 bytes), then AES-256-GCM.
namespace tpmvsc::card {

/// make_envelope closes `contents` for the P-256 key `recipient` (04 X Y), bound to the object's
/// tag.
Bytes make_envelope(ByteView recipient, ObjectTag tag, ByteView contents);

/// envelope_point is the ephemeral point in front, for the TPM. Throws StorageError(damaged) when
/// the envelope is too short or the point is off the curve.
ByteView envelope_point(ByteView envelope);

/// open_envelope decrypts with the shared X coordinate; nothing when it was altered.
std::optional<SecretBytes> open_envelope(const SecretBytes& shared_x, ByteView recipient,
                                         ObjectTag tag, ByteView envelope);

} // namespace tpmvsc::card
