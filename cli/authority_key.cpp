// SPDX-License-Identifier: Apache-2.0
#include "cli/authority_key.hpp"

#include "base/crypto.hpp"
#include "cli/failure.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include <array>

namespace tpmvsc::cli {
namespace {

using Number = std::unique_ptr<BIGNUM, openssl::Free<BN_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, openssl::Free<ECDSA_SIG_free>>;

constexpr int field_bytes = 32;

[[noreturn]] void refuse(const std::string& path) {
    throw Failure(ExitCode::usage,
                  path +
                      " holds a key of a kind that cannot be an authority: it has to be P-256, or "
                      "RSA of 2048, 3072 or 4096 bits with the exponent 65537");
}

Number number(const EVP_PKEY& key, const char* name) {
    BIGNUM* value = nullptr;
    openssl::require(EVP_PKEY_get_bn_param(&key, name, &value) == 1, "EVP_PKEY_get_bn_param");
    return Number(value);
}

Bytes fixed_size(const BIGNUM* value, int size) {
    Bytes bytes(static_cast<std::size_t>(size));
    openssl::require(BN_bn2binpad(value, bytes.data(), size) == size, "BN_bn2binpad");
    return bytes;
}

bool is_p256(const EVP_PKEY& key) {
    std::array<char, 32> name{};
    return EVP_PKEY_is_a(&key, "EC") == 1 &&
           EVP_PKEY_get_group_name(&key, name.data(), name.size(), nullptr) == 1 &&
           std::string_view(name.data()) == "prime256v1";
}

bool is_fit_rsa(const EVP_PKEY& key) {
    if (EVP_PKEY_is_a(&key, "RSA") != 1) {
        return false;
    }
    const int bits = EVP_PKEY_get_bits(&key);
    return (bits == 2048 || bits == 3072 || bits == 4096) &&
           BN_is_word(number(key, OSSL_PKEY_PARAM_RSA_E).get(), RSA_F4) == 1;
}

/// RFC 5480 with the named curve and an uncompressed point, whatever form the file had: the
/// fingerprint is the same for the same key.
Bytes p256_public_key_info(const EVP_PKEY& key) {
    const Bytes head{0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
                     0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
                     0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
    return concat({head, fixed_size(number(key, OSSL_PKEY_PARAM_EC_PUB_X).get(), field_bytes),
                   fixed_size(number(key, OSSL_PKEY_PARAM_EC_PUB_Y).get(), field_bytes)});
}

Bytes rsa_public_key_info(const EVP_PKEY& key) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(&key, &der);
    openssl::require(size > 0, "i2d_PUBKEY");
    Bytes bytes(der, der + size);
    OPENSSL_free(der);
    return bytes;
}

Bytes sign_digest(EVP_PKEY& key, ByteView digest) {
    const openssl::KeyContext context(EVP_PKEY_CTX_new(&key, nullptr));
    openssl::require(context && EVP_PKEY_sign_init(context.get()) == 1, "EVP_PKEY_sign_init");
    openssl::require(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1,
                     "EVP_PKEY_CTX_set_signature_md");
    if (EVP_PKEY_is_a(&key, "RSA") == 1) {
        openssl::require(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1,
                         "EVP_PKEY_CTX_set_rsa_padding");
    }
    std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(&key));
    Bytes signature(size);
    openssl::require(
        EVP_PKEY_sign(context.get(), signature.data(), &size, digest.data(), digest.size()) == 1,
        "EVP_PKEY_sign");
    signature.resize(size);
    return signature;
}

} // namespace

AuthorityKey authority_key(const EVP_PKEY& key, const std::string& path) {
    AuthorityKey authority;
    if (is_p256(key)) {
        authority.algorithm = "P-256";
        authority.public_key_info = p256_public_key_info(key);
    } else if (is_fit_rsa(key)) {
        authority.algorithm = "RSA-" + std::to_string(EVP_PKEY_get_bits(&key));
        authority.public_key_info = rsa_public_key_info(key);
    } else {
        refuse(path);
    }
    authority.fingerprint = to_hex(crypto::sha256({authority.public_key_info}));
    return authority;
}

Bytes raw_ecdsa(ByteView der) {
    const unsigned char* position = der.data();
    const Signature signature(d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(der.size())));
    openssl::require(signature != nullptr, "d2i_ECDSA_SIG");
    return concat({fixed_size(ECDSA_SIG_get0_r(signature.get()), field_bytes),
                   fixed_size(ECDSA_SIG_get0_s(signature.get()), field_bytes)});
}

ResetAnswer sign_challenge(EVP_PKEY& key, const ResetChallenge& challenge) {
    const Bytes signature = sign_digest(key, signed_digest(challenge));
    return {challenge.kind, EVP_PKEY_is_a(&key, "EC") == 1 ? raw_ecdsa(signature) : signature};
}

openssl::Key new_authority_key() {
    openssl::Key key(EVP_EC_gen("P-256"));
    openssl::require(key != nullptr, "EVP_EC_gen");
    return key;
}

} // namespace tpmvsc::cli
