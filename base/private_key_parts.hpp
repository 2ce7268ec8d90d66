// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/crypto.hpp"

/// Checks on private keys that come from outside, before they go into the TPM.
namespace tpmvsc::crypto {

/// RsaParts are the five numbers of a private RSA key by the Chinese remainder theorem (RFC 8017
/// section 3.2), for the public exponent 65537.
struct RsaParts {
    ByteView p;
    ByteView q;
    ByteView dp;
    ByteView dq;
    ByteView q_inverse;
};

/// rsa_modulus gives p * q in `bits`; nothing when the parts do not belong together: p and q are
/// not two different primes of half the size, or an exponent or the coefficient does not fit them.
std::optional<Bytes> rsa_modulus(const RsaParts& parts, std::size_t bits);

/// ec_public_point gives 04 X Y for a private scalar of the field's size; nothing when the scalar
/// is zero or not below the group's order.
std::optional<Bytes> ec_public_point(Curve curve, ByteView scalar);

} // namespace tpmvsc::crypto
