// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/keys.hpp"

#include <optional>

namespace tpmvsc::cli::client {

/// read_public_key reads what stands in a public key's template (7F49): 81 and 82 modulus and
/// exponent, or 86 a point. Nothing when it is neither.
std::optional<card::PublicKey> read_public_key(ByteView objects);

/// read_public_key_template reads the template itself.
std::optional<card::PublicKey> read_public_key_template(ByteView answer);

/// algorithm_of tells the kind of key by its size; nothing for a key that no card has.
std::optional<card::KeyAlgorithm> algorithm_of(const card::PublicKey& key);

} // namespace tpmvsc::cli::client
