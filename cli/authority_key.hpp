// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/reset_challenge.hpp"
#include "cli/openssl.hpp"

#include <string>

/// The key pair of an authority that may have PINs reset: P-256, or RSA with 2048, 3072 or 4096
/// bits and the exponent 65537, which is what TPMs verify with.
namespace tpmvsc::cli {

/// AuthorityKey is its public half.
struct AuthorityKey {
    std::string algorithm;   ///< "P-256", "RSA-2048"
    Bytes public_key_info;   ///< SubjectPublicKeyInfo, DER
    std::string fingerprint; ///< SHA-256 of that, hexadecimal, as the card's status tells it
};

/// authority_key takes the public half of `key`; `path` is what Failure(usage) names where it is of
/// another kind.
AuthorityKey authority_key(const EVP_PKEY& key, const std::string& path);

/// sign_challenge signs as the authority: ECDSA (r and s) or RSASSA-PKCS1-v1_5.
ResetAnswer sign_challenge(EVP_PKEY& key, const ResetChallenge& challenge);

/// raw_ecdsa turns the DER form of an ECDSA signature into r and s of 32 bytes each.
Bytes raw_ecdsa(ByteView der);

/// new_authority_key makes a P-256 key pair.
openssl::Key new_authority_key();

} // namespace tpmvsc::cli
