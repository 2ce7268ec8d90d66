// SPDX-License-Identifier: Apache-2.0
#include "base/mbedtls_support.hpp"

#include <mbedtls/aes.h>
#include <mbedtls/des.h>
#include <mbedtls/gcm.h>

#include <algorithm>

namespace tpmvsc::crypto {

using detail::check;
using detail::Scoped;

namespace {

using Aes = Scoped<mbedtls_aes_context, mbedtls_aes_init, mbedtls_aes_free>;
using Gcm = Scoped<mbedtls_gcm_context, mbedtls_gcm_init, mbedtls_gcm_free>;
using TripleDes = Scoped<mbedtls_des3_context, mbedtls_des3_init, mbedtls_des3_free>;

constexpr std::size_t aes_block = 16;
constexpr std::size_t des_block = 8;
constexpr std::size_t des_key_bytes = 8;
constexpr std::size_t tdes_key_bytes = 3 * des_key_bytes;
constexpr std::size_t gcm_key_bytes = 32;
constexpr std::size_t gcm_nonce_bytes = 12;
constexpr std::size_t gcm_tag_bytes = 16;

void require(bool condition, const char* what) {
    if (!condition)
        throw CryptoError(what);
}

unsigned bits(ByteView key) {
    return static_cast<unsigned>(key.size() * 8);
}

void aes128_cfb(int mode, ByteView key, ByteView iv, std::span<std::uint8_t> data) {
    require(key.size() == 16, "AES-128-CFB needs a key of 16 bytes");
    require(iv.size() == aes_block, "AES-128-CFB needs an initial vector of 16 bytes");
    Aes aes;
    // CFB runs the cipher forward in both directions.
    check("mbedtls_aes_setkey_enc", mbedtls_aes_setkey_enc(aes.get(), key.data(), bits(key)));
    std::array<std::uint8_t, aes_block> feedback{};
    std::copy(iv.begin(), iv.end(), feedback.begin());
    std::size_t offset = 0;
    const int result = mbedtls_aes_crypt_cfb128(aes.get(), mode, data.size(), &offset,
                                                feedback.data(), data.data(), data.data());
    wipe(feedback);
    check("mbedtls_aes_crypt_cfb128", result);
}

void set_gcm_key(Gcm& gcm, ByteView key) {
    require(key.size() == gcm_key_bytes, "AES-256-GCM needs a key of 32 bytes");
    check("mbedtls_gcm_setkey",
          mbedtls_gcm_setkey(gcm.get(), MBEDTLS_CIPHER_ID_AES, key.data(), bits(key)));
}

Bytes tdes_cbc(int mode, ByteView key, ByteView blocks) {
    require(key.size() == tdes_key_bytes, "triple DES needs a key of 24 bytes");
    require(blocks.size() % des_block == 0, "triple DES needs whole blocks of 8 bytes");
    TripleDes des;
    const int set = mode == MBEDTLS_DES_ENCRYPT ? mbedtls_des3_set3key_enc(des.get(), key.data())
                                                : mbedtls_des3_set3key_dec(des.get(), key.data());
    check("mbedtls_des3_set3key", set);
    std::array<std::uint8_t, des_block> iv{};
    Bytes result(blocks.size());
    check("mbedtls_des3_crypt_cbc",
          mbedtls_des3_crypt_cbc(des.get(), mode, blocks.size(), iv.data(), blocks.data(),
                                 result.data()));
    return result;
}

Bytes aes_cbc(int mode, ByteView key, ByteView blocks) {
    require(key.size() == 16 || key.size() == 24 || key.size() == 32,
            "AES needs a key of 16, 24 or 32 bytes");
    require(blocks.size() % aes_block == 0, "AES needs whole blocks of 16 bytes");
    Aes aes;
    const int set = mode == MBEDTLS_AES_ENCRYPT
                        ? mbedtls_aes_setkey_enc(aes.get(), key.data(), bits(key))
                        : mbedtls_aes_setkey_dec(aes.get(), key.data(), bits(key));
    check("mbedtls_aes_setkey", set);
    std::array<std::uint8_t, aes_block> iv{};
    Bytes result(blocks.size());
    check("mbedtls_aes_crypt_cbc", mbedtls_aes_crypt_cbc(aes.get(), mode, blocks.size(), iv.data(),
                                                         blocks.data(), result.data()));
    return result;
}

} // namespace

void aes128_cfb_encrypt(ByteView key, ByteView iv, std::span<std::uint8_t> data) {
    aes128_cfb(MBEDTLS_AES_ENCRYPT, key, iv, data);
}

void aes128_cfb_decrypt(ByteView key, ByteView iv, std::span<std::uint8_t> data) {
    aes128_cfb(MBEDTLS_AES_DECRYPT, key, iv, data);
}

Bytes gcm_seal(ByteView key, ByteView associated, ByteView plain) {
    Gcm gcm;
    set_gcm_key(gcm, key);
    Bytes sealed(gcm_nonce_bytes + plain.size() + gcm_tag_bytes);
    const std::span<std::uint8_t> nonce = std::span(sealed).first(gcm_nonce_bytes);
    random_fill(nonce);
    std::uint8_t* cipher_text = sealed.data() + gcm_nonce_bytes;
    check("mbedtls_gcm_crypt_and_tag",
          mbedtls_gcm_crypt_and_tag(gcm.get(), MBEDTLS_GCM_ENCRYPT, plain.size(), nonce.data(),
                                    nonce.size(), associated.data(), associated.size(),
                                    plain.data(), cipher_text, gcm_tag_bytes,
                                    cipher_text + plain.size()));
    return sealed;
}

std::optional<SecretBytes> gcm_open(ByteView key, ByteView associated, ByteView sealed) {
    Gcm gcm;
    set_gcm_key(gcm, key);
    if (sealed.size() < gcm_nonce_bytes + gcm_tag_bytes)
        return std::nullopt;
    const ByteView nonce = sealed.first(gcm_nonce_bytes);
    const ByteView tag = sealed.last(gcm_tag_bytes);
    const ByteView cipher_text =
        sealed.subspan(gcm_nonce_bytes, sealed.size() - gcm_nonce_bytes - gcm_tag_bytes);
    SecretBytes plain(cipher_text.size());
    const int result = mbedtls_gcm_auth_decrypt(
        gcm.get(), cipher_text.size(), nonce.data(), nonce.size(), associated.data(),
        associated.size(), tag.data(), tag.size(), cipher_text.data(), plain.span().data());
    if (result == MBEDTLS_ERR_GCM_AUTH_FAILED)
        return std::nullopt;
    check("mbedtls_gcm_auth_decrypt", result);
    return plain;
}

Bytes block_encrypt(BlockCipher cipher, ByteView key, ByteView blocks) {
    return cipher == BlockCipher::tdes ? tdes_cbc(MBEDTLS_DES_ENCRYPT, key, blocks)
                                       : aes_cbc(MBEDTLS_AES_ENCRYPT, key, blocks);
}

Bytes block_decrypt(BlockCipher cipher, ByteView key, ByteView blocks) {
    return cipher == BlockCipher::tdes ? tdes_cbc(MBEDTLS_DES_DECRYPT, key, blocks)
                                       : aes_cbc(MBEDTLS_AES_DECRYPT, key, blocks);
}

bool has_weak_des_key(ByteView tdes_key) {
    require(tdes_key.size() == tdes_key_bytes, "triple DES needs a key of 24 bytes");
    for (std::size_t start = 0; start < tdes_key_bytes; start += des_key_bytes) {
        // DES ignores the parity bits, the table of weak keys has them set: bring them in line.
        std::array<std::uint8_t, des_key_bytes> key{};
        std::copy_n(tdes_key.begin() + static_cast<std::ptrdiff_t>(start), key.size(), key.begin());
        mbedtls_des_key_set_parity(key.data());
        const bool weak = mbedtls_des_key_check_weak(key.data()) != 0;
        wipe(key);
        if (weak)
            return true;
    }
    return false;
}

} // namespace tpmvsc::crypto
