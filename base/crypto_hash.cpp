// SPDX-License-Identifier: Apache-2.0
#include "base/mbedtls_support.hpp"

#include <mbedtls/entropy.h>
#include <mbedtls/md.h>

#include <cerrno>
#include <cstdio>
#include <sys/random.h>

namespace tpmvsc::crypto {

namespace detail {

void check(const char* call, int result) {
    if (result == 0)
        return;
    char code[16];
    std::snprintf(code, sizeof code, "-0x%04x", static_cast<unsigned>(-result));
    throw CryptoError(std::string(call) + " failed with mbedTLS error " + code);
}

int rng(void*, unsigned char* target, std::size_t size) noexcept {
    while (size > 0) {
        const ssize_t got = ::getrandom(target, size, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return MBEDTLS_ERR_ENTROPY_SOURCE_FAILED;
        target += got;
        size -= static_cast<std::size_t>(got);
    }
    return 0;
}

} // namespace detail

using detail::check;
using detail::Scoped;

namespace {

using Digest = Scoped<mbedtls_md_context_t, mbedtls_md_init, mbedtls_md_free>;

const mbedtls_md_info_t* sha256_info() {
    const mbedtls_md_info_t* info = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    if (info == nullptr)
        throw CryptoError("this mbedTLS is built without SHA-256");
    return info;
}

} // namespace

static void hash_into(std::span<std::uint8_t> result, std::initializer_list<ByteView> parts) {
    Digest digest;
    check("mbedtls_md_setup", mbedtls_md_setup(digest.get(), sha256_info(), 0));
    check("mbedtls_md_starts", mbedtls_md_starts(digest.get()));
    for (ByteView part : parts)
        if (!part.empty())
            check("mbedtls_md_update", mbedtls_md_update(digest.get(), part.data(), part.size()));
    check("mbedtls_md_finish", mbedtls_md_finish(digest.get(), result.data()));
}

Bytes sha256(std::initializer_list<ByteView> parts) {
    Bytes result(sha256_bytes);
    hash_into(result, parts);
    return result;
}

SecretBytes sha256_secret(std::initializer_list<ByteView> parts) {
    SecretBytes result(sha256_bytes);
    hash_into(result.span(), parts);
    return result;
}

Bytes hmac_sha256(ByteView key, std::initializer_list<ByteView> parts) {
    Digest digest;
    check("mbedtls_md_setup", mbedtls_md_setup(digest.get(), sha256_info(), 1));
    // An empty key is lawful, but mbedTLS wants an address for it.
    const std::uint8_t none = 0;
    const std::uint8_t* start = key.empty() ? &none : key.data();
    check("mbedtls_md_hmac_starts", mbedtls_md_hmac_starts(digest.get(), start, key.size()));
    for (ByteView part : parts)
        if (!part.empty())
            check("mbedtls_md_hmac_update",
                  mbedtls_md_hmac_update(digest.get(), part.data(), part.size()));
    Bytes result(sha256_bytes);
    check("mbedtls_md_hmac_finish", mbedtls_md_hmac_finish(digest.get(), result.data()));
    return result;
}

Bytes random_bytes(std::size_t size) {
    Bytes bytes(size);
    random_fill(bytes);
    return bytes;
}

void random_fill(std::span<std::uint8_t> target) {
    check("getrandom", detail::rng(nullptr, target.data(), target.size()));
}

} // namespace tpmvsc::crypto
