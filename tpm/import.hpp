// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "tpm/key_algorithm.hpp"
#include "tpm/types.hpp"

namespace tpmvsc::tpm {

class Connection;

/// ForeignKey is a private key that was made elsewhere. `secret` is one of the two primes of an RSA
/// key or the scalar of an elliptic curve key, both in full length; consistency is the caller's to
/// check.
struct ForeignKey {
    KeyAlgorithm algorithm = KeyAlgorithm::p256;
    ByteView secret;
    ByteView modulus; ///< RSA, with the public exponent 65537
    ByteView point;   ///< elliptic curve: 04 X Y
};

/// import_key wraps the key for the parent (part 1 section 23.3, outer wrapper) and has the TPM
/// take it in. From then on it is bound to this TPM's parent and to the PIN as other keys are, but
/// it is not fixedTPM: the TPM can not vouch for what happened to it before.
KeyBlob import_key(Connection& connection, const Parent& parent, const ForeignKey& key,
                   ByteView pin_index_name);

} // namespace tpmvsc::tpm
