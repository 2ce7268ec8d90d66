// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace tpmvsc::tpm {

enum class KeyAlgorithm { rsa1024, rsa2048, rsa3072, rsa4096, p256, p384, p521 };

/// RsaPadding is what the TPM takes away after the RSA operation.
enum class RsaPadding {
    pkcs1,     ///< RSAES-PKCS1-v1_5
    oaep_sha1, ///< RSAES-OAEP with SHA-1 and an empty label
};

inline constexpr std::array all_key_algorithms{
    KeyAlgorithm::rsa1024, KeyAlgorithm::rsa2048, KeyAlgorithm::rsa3072, KeyAlgorithm::rsa4096,
    KeyAlgorithm::p256,    KeyAlgorithm::p384,    KeyAlgorithm::p521};

/// is_rsa tells the RSA kinds from the elliptic curves.
bool is_rsa(KeyAlgorithm algorithm);
/// key_bytes is the size of an RSA modulus or of a curve's field, in bytes.
std::size_t key_bytes(KeyAlgorithm algorithm);
/// algorithm_name is what people call it: "RSA-2048", "P-256".
const char* algorithm_name(KeyAlgorithm algorithm);
/// algorithm_from_name is the inverse; nothing for another text.
std::optional<KeyAlgorithm> algorithm_from_name(std::string_view name);

} // namespace tpmvsc::tpm
