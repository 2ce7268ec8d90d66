// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "tpm/key_algorithm.hpp"
#include "tpm/types.hpp"

#include <optional>

namespace tpmvsc::tpm {

class Connection;

/// NewKey is a private key just made: its blob, its Name, and its public half.
struct NewKey {
    KeyBlob blob;
    Bytes modulus; ///< RSA
    std::uint32_t exponent = 0;
    Bytes point; ///< elliptic curve: 04 X Y
};

/// KeyUse says which key is used and what stands for the PIN: `ticket` from PinIndex::verify, or
/// null for an object that wants none.
struct KeyUse {
    const Parent& parent;
    const KeyBlob& blob;
    ByteView name; ///< the object's Name
    const Ticket* ticket = nullptr;
    ByteView pin_index_name{}; ///< whose PIN the ticket stands for
};

/// create_key makes a private key in the TPM. `pin_index_name` as in key_template().
NewKey create_key(Connection& connection, const Parent& parent, KeyAlgorithm algorithm,
                  ByteView pin_index_name);

/// object_name computes the Name of a blob's public area.
Bytes object_name(const KeyBlob& blob);

// Private-key operations. Two commands with a ticket, one without, and one more to load the key
// when another one was used before. Secret answers travel encrypted. Errors: Error with
// ticket_expired or policy_failed when the ticket no longer holds.

/// The raw RSA operation, `block` of the modulus' size; the answer has the same size.
SecretBytes rsa_private(Connection& connection, const KeyUse& use, ByteView block);
/// Decrypts `cipher` of the modulus' size; nothing when the padding is wrong.
std::optional<SecretBytes> rsa_decrypt(Connection& connection, const KeyUse& use, ByteView cipher,
                                       RsaPadding padding);
/// ECDSA over `digest`, which is brought to the size of the curve's hash (P-256: SHA-256, P-384:
/// SHA-384, P-521: SHA-512) without changing the number that FIPS 186-4 section 6.4 makes of it,
/// the leftmost bits up to the group order's length: padded in front, or cut behind to the 256 or
/// 384 bits of P-256 and P-384. Of more than 512 bits P-521 would take 521, which no TPM's hash
/// has: bad_input. Answers r and s, each of the field's size, one after the other.
Bytes ecdsa_sign(Connection& connection, const KeyUse& use, KeyAlgorithm algorithm,
                 ByteView digest);
/// ECDH with `point` (04 X Y, on the curve): the X coordinate in field size.
SecretBytes ecdh(Connection& connection, const KeyUse& use, KeyAlgorithm algorithm, ByteView point);

/// seal puts up to 128 bytes under the parent, to be opened with the PIN or, with an empty
/// `pin_index_name`, by anybody who has the blob and this TPM.
KeyBlob seal(Connection& connection, const Parent& parent, ByteView secret,
             ByteView pin_index_name);
SecretBytes unseal(Connection& connection, const KeyUse& use);

/// random asks the TPM's generator, through an encrypting session.
SecretBytes random(Connection& connection, const Parent& parent, std::size_t size);

} // namespace tpmvsc::tpm
