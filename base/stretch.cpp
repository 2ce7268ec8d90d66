// SPDX-License-Identifier: Apache-2.0
#include "base/stretch.hpp"

#include "base/mbedtls_support.hpp"

#include <mbedtls/md.h>
#include <mbedtls/pkcs5.h>
#include <mbedtls/version.h>

namespace tpmvsc::crypto {

Bytes stretch(ByteView secret, ByteView salt, unsigned iterations) {
    Bytes result(sha256_bytes);
#if MBEDTLS_VERSION_NUMBER >= 0x03030000
    const int answer = mbedtls_pkcs5_pbkdf2_hmac_ext(
        MBEDTLS_MD_SHA256, secret.data(), secret.size(), salt.data(), salt.size(), iterations,
        static_cast<std::uint32_t>(result.size()), result.data());
#else
    detail::Scoped<mbedtls_md_context_t, mbedtls_md_init, mbedtls_md_free> digest;
    detail::check("mbedtls_md_setup",
                  mbedtls_md_setup(digest.get(), mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 1));
    const int answer = mbedtls_pkcs5_pbkdf2_hmac(
        digest.get(), secret.data(), secret.size(), salt.data(), salt.size(), iterations,
        static_cast<std::uint32_t>(result.size()), result.data());
#endif
    detail::check("PBKDF2", answer);
    return result;
}

} // namespace tpmvsc::crypto
