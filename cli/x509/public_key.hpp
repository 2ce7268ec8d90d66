// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/keys.hpp"
#include "cli/x509/openssl.hpp"

#include <optional>
#include <string>

namespace tpmvsc::cli::x509 {

/// key_info_of gives the SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) of a card's key in DER.
Bytes key_info_of(const card::PublicKey& key);

/// handle_of gives OpenSSL's form of it.
KeyHandle handle_of(const card::PublicKey& key);

/// public_key_pem writes it as "BEGIN PUBLIC KEY".
Bytes public_key_pem(const card::PublicKey& key);

/// fingerprint is SHA-256 over key_info_of(), in hexadecimal: the same everywhere for one key.
std::string fingerprint(const card::PublicKey& key);

/// public_key_of is the inverse of handle_of, and algorithm_of what a card calls the kind of key;
/// nothing for a key that no card can hold.
std::optional<card::PublicKey> public_key_of(const EVP_PKEY& key);
std::optional<card::KeyAlgorithm> algorithm_of(const EVP_PKEY& key);

} // namespace tpmvsc::cli::x509
