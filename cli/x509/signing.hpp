// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/keys.hpp"
#include "cli/x509/openssl.hpp"

#include <functional>
#include <string>

namespace tpmvsc::cli::x509 {

/// Signer is the key that signs, wherever it is.
struct Signer {
    card::KeyAlgorithm algorithm = card::KeyAlgorithm::p256;
    card::PublicKey public_key;
    /// Applies the private key: to a padded block of the modulus' size, or to a digest, for ECDSA
    /// in DER.
    std::function<Bytes(ByteView)> apply;
};

enum class Hash { sha256, sha384, sha512 };

/// usual_hash is as strong as the key.
Hash usual_hash(card::KeyAlgorithm algorithm);

/// hash_algorithm gives its AlgorithmIdentifier, DER, and digest_of the hash of a message.
Bytes hash_algorithm(Hash hash);
Bytes digest_of(Hash hash, ByteView message);

/// signature_algorithm gives the AlgorithmIdentifier, DER: PKCS#1 v1.5 or ECDSA.
Bytes signature_algorithm(card::KeyAlgorithm algorithm, Hash hash);

/// sign gives the signature of `message` by that algorithm.
Bytes sign(const Signer& signer, Hash hash, ByteView message);

} // namespace tpmvsc::cli::x509
