// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <optional>

namespace tpmvsc::crypto {

/// VerifyingKey is somebody's public key whose signatures over SHA-256 digests count: P-256, or RSA
/// of 2048 to 4096 bits.
struct VerifyingKey {
    Bytes point;   ///< 04 X Y, or empty
    Bytes modulus; ///< or empty
    std::uint32_t exponent = 0;

    /// Reads a SubjectPublicKeyInfo (RFC 5280 section 4.1, DER); nothing when it is none, or of
    /// another kind or size.
    static std::optional<VerifyingKey> parse(ByteView subject_public_key_info);

    bool is_rsa() const { return !modulus.empty(); }
    /// True when `signature` is one over `digest` (32 bytes): ECDSA's r and s of 32 bytes each, or
    /// RSASSA-PKCS1-v1_5.
    bool verify(ByteView digest, ByteView signature) const;
};

} // namespace tpmvsc::crypto
