// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/admin_cipher.hpp"
#include "base/secret.hpp"

/// Admin keys that nobody has to keep: made from one master secret and the card's id.
namespace tpmvsc {

/// A master secret has at least so many bytes: nothing slows down who tries out short ones.
inline constexpr std::size_t least_master_bytes = 32;

/// derive_admin_key gives HKDF-SHA256(master, no salt, "tpmvsc admin key" || cipher's name || card
/// id). For triple DES the parity bits are then set, and of the derived stream the first 24 bytes
/// without a weak DES key are taken. std::invalid_argument where `master` is too short or `card_id`
/// does not have 16 bytes.
SecretBytes derive_admin_key(ByteView master, const AdminCipher& cipher, ByteView card_id);

/// first_strong_key is that choice, from `stream`, for triple DES; empty where there is none.
SecretBytes first_strong_key(ByteView stream);

} // namespace tpmvsc
