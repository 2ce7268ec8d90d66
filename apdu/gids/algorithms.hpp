// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/keys.hpp"

#include <cstdint>
#include <optional>
#include <vector>

/// Algorithm references of GIDS: the lower half names the key, the upper one the
/// padding.
namespace tpmvsc::gids {

/// What MANAGE SECURITY ENVIRONMENT sets a key up for: the tag in P2.
enum class Usage : std::uint8_t {
    sign = 0xB6,    ///< digital signature template
    decipher = 0xB8 ///< confidentiality template
};

enum class Padding {
    none,  ///< the host's business
    pkcs1, ///< RSASSA or RSAES of PKCS#1 v1.5
    oaep,  ///< RSAES-OAEP with SHA-1 and no label
};

struct KeyUsage {
    Usage usage;
    Padding padding;
    card::KeyAlgorithm algorithm;
};

/// generate_algorithm understands the reference in GENERATE ASYMMETRIC KEY PAIR.
std::optional<card::KeyAlgorithm> generate_algorithm(std::uint8_t reference);

/// reference_of is its inverse.
std::uint8_t reference_of(card::KeyAlgorithm algorithm);

/// key_usage understands the reference in MANAGE SECURITY ENVIRONMENT for `usage`.
std::optional<KeyUsage> key_usage(Usage usage, std::uint8_t reference);

/// references_of lists what key_usage understands of a key for `usage`; nothing where such keys do
/// not serve it.
std::vector<std::uint8_t> references_of(card::KeyAlgorithm algorithm, Usage usage);

} // namespace tpmvsc::gids
