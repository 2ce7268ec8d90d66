// SPDX-License-Identifier: Apache-2.0
#include "card/admin_key.hpp"

#include "base/crypto.hpp"

namespace tpmvsc::card {

namespace {

crypto::BlockCipher cipher_of(AdminAlgorithm algorithm) {
    return algorithm == AdminAlgorithm::tdes ? crypto::BlockCipher::tdes : crypto::BlockCipher::aes;
}

} // namespace

std::size_t block_bytes(AdminAlgorithm algorithm) {
    return algorithm == AdminAlgorithm::tdes ? 8 : 16;
}

std::size_t key_bytes(AdminAlgorithm algorithm) {
    switch (algorithm) {
    case AdminAlgorithm::aes128:
        return 16;
    case AdminAlgorithm::aes256:
        return 32;
    default:
        return 24;
    }
}

AdminSession::AdminSession(AdminAlgorithm algorithm, SecretBytes key, SecretBytes authority_value)
    : algorithm_(algorithm), key_(std::move(key)), authority_value_(std::move(authority_value)) {}
AdminSession::~AdminSession() = default;
AdminSession::AdminSession(AdminSession&&) noexcept = default;
AdminSession& AdminSession::operator=(AdminSession&&) noexcept = default;

Bytes AdminSession::encrypt(ByteView blocks) const {
    return crypto::block_encrypt(cipher_of(algorithm_), key_.view(), blocks);
}

Bytes AdminSession::decrypt(ByteView blocks) const {
    return crypto::block_decrypt(cipher_of(algorithm_), key_.view(), blocks);
}

Bytes default_admin_key(AdminAlgorithm algorithm) {
    Bytes key(key_bytes(algorithm));
    for (std::size_t i = 0; i < key.size(); ++i)
        key[i] = static_cast<std::uint8_t>(i % 8 + 1);
    return key;
}

} // namespace tpmvsc::card
