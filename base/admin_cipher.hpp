// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/reset_challenge.hpp"

#include <cstddef>
#include <string_view>

namespace tpmvsc {

/// AdminCipher is one of the ciphers that an admin key is for.
struct AdminCipher {
    std::string_view name; ///< tdes, aes128, aes192 or aes256
    ResetKind kind;        ///< the kind of its challenges
    std::size_t key_bytes;
    std::size_t block_bytes;
};

/// find_admin_cipher goes by name or by kind; nullptr where there is none, as for the authority.
const AdminCipher* find_admin_cipher(std::string_view name);
const AdminCipher* find_admin_cipher(ResetKind kind);

/// answer_challenge encrypts the block that belongs to the challenge, which is of the cipher's
/// kind, under the admin key.
ResetAnswer answer_challenge(const ResetChallenge& challenge, ByteView admin_key);

} // namespace tpmvsc
