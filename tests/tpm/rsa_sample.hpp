// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/crypto.hpp"
#include "base/private_key_parts.hpp"
#include "tests/catch.hpp"

#include <mbedtls/rsa.h>
#include <mbedtls/version.h>

namespace tpmvsc::test {

inline int test_rng(void* /*context*/, unsigned char* target, std::size_t size) {
    crypto::random_fill({target, size});
    return 0;
}

/// RsaSample is an RSA-2048 key made by mbedTLS.
struct RsaSample {
    RsaSample() {
#if MBEDTLS_VERSION_NUMBER < 0x03000000
        mbedtls_rsa_init(&rsa, MBEDTLS_RSA_PKCS_V15, 0);
#else
        mbedtls_rsa_init(&rsa);
#endif
        REQUIRE(mbedtls_rsa_gen_key(&rsa, test_rng, nullptr, 2048, 65537) == 0);
        REQUIRE(mbedtls_rsa_export_raw(&rsa, n.data(), n.size(), p.data(), p.size(), q.data(),
                                       q.size(), nullptr, 0, nullptr, 0) == 0);
        mbedtls_mpi a;
        mbedtls_mpi b;
        mbedtls_mpi c;
        for (mbedtls_mpi* number : {&a, &b, &c})
            mbedtls_mpi_init(number);
        REQUIRE(mbedtls_rsa_export_crt(&rsa, &a, &b, &c) == 0);
        mbedtls_mpi_write_binary(&a, dp.data(), dp.size());
        mbedtls_mpi_write_binary(&b, dq.data(), dq.size());
        mbedtls_mpi_write_binary(&c, qinv.data(), qinv.size());
        for (mbedtls_mpi* number : {&a, &b, &c})
            mbedtls_mpi_free(number);
    }
    ~RsaSample() {
        mbedtls_rsa_free(&rsa);
    }
    Bytes encrypt(ByteView block) {
        Bytes result(256);
        REQUIRE(mbedtls_rsa_public(&rsa, block.data(), result.data()) == 0);
        return result;
    }
    crypto::RsaParts parts() const {
        return {p, q, dp, dq, qinv};
    }

    mbedtls_rsa_context rsa{};
    Bytes n = Bytes(256), p = Bytes(128), q = Bytes(128), dp = Bytes(128), dq = Bytes(128),
          qinv = Bytes(128);
};

} // namespace tpmvsc::test
