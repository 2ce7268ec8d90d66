// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/keys.hpp"
#include "cli/client/key_card.hpp"
#include "cli/x509/openssl.hpp"

namespace tpmvsc::cli::x509 {

/// PrivateKey is a key from outside, in the numbers that a card takes.
struct PrivateKey {
    card::KeyAlgorithm algorithm = card::KeyAlgorithm::p256;
    card::PublicKey public_key;
    SecretBytes private_exponent, p, q, dp, dq, q_inverse; ///< of an RSA key
    SecretBytes scalar;                                    ///< of a key on a curve

    client::RsaNumbers rsa_numbers() const;
};

/// private_key_of takes the numbers out of OpenSSL's form. Throws Failure(unsupported) for a key
/// that no card can hold.
PrivateKey private_key_of(const EVP_PKEY& key);

} // namespace tpmvsc::cli::x509
