// SPDX-License-Identifier: Apache-2.0
#include "base/admin_cipher.hpp"

#include "base/crypto.hpp"

#include <array>
#include <stdexcept>

namespace tpmvsc {
namespace {

constexpr std::array<AdminCipher, 4> ciphers{{
    {"tdes", ResetKind::admin_tdes, 24, 8},
    {"aes128", ResetKind::admin_aes128, 16, 16},
    {"aes192", ResetKind::admin_aes192, 24, 16},
    {"aes256", ResetKind::admin_aes256, 32, 16},
}};

} // namespace

const AdminCipher* find_admin_cipher(std::string_view name) {
    for (const AdminCipher& cipher : ciphers)
        if (cipher.name == name)
            return &cipher;
    return nullptr;
}

const AdminCipher* find_admin_cipher(ResetKind kind) {
    for (const AdminCipher& cipher : ciphers)
        if (cipher.kind == kind)
            return &cipher;
    return nullptr;
}

ResetAnswer answer_challenge(const ResetChallenge& challenge, ByteView admin_key) {
    const AdminCipher* cipher = find_admin_cipher(challenge.kind);
    if (cipher == nullptr || admin_key.size() != cipher->key_bytes ||
        challenge.challenge.size() != cipher->block_bytes)
        throw std::invalid_argument("answer_challenge: not a challenge for this key");
    const auto block_cipher = challenge.kind == ResetKind::admin_tdes ? crypto::BlockCipher::tdes
                                                                      : crypto::BlockCipher::aes;
    return {challenge.kind,
            crypto::block_encrypt(block_cipher, admin_key, encrypted_block(challenge))};
}

} // namespace tpmvsc
