// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/catch.hpp"

#include "base/crypto.hpp"
#include "base/private_key_parts.hpp"

#include <mbedtls/rsa.h>
#include <mbedtls/version.h>

#include <array>

namespace tpmvsc::test {

inline int rsa_sample_rng(void* /*context*/, unsigned char* target, std::size_t size) {
    crypto::random_fill({target, size});
    return 0;
}

/// base^exponent mod modulus, in the modulus' size.
inline Bytes rsa_power(ByteView base, int exponent, ByteView modulus) {
    std::array<mbedtls_mpi, 3> numbers;
    for (mbedtls_mpi& number : numbers)
        mbedtls_mpi_init(&number);
    REQUIRE(mbedtls_mpi_read_binary(&numbers[0], base.data(), base.size()) == 0);
    REQUIRE(mbedtls_mpi_lset(&numbers[1], exponent) == 0);
    REQUIRE(mbedtls_mpi_read_binary(&numbers[2], modulus.data(), modulus.size()) == 0);
    REQUIRE(mbedtls_mpi_exp_mod(&numbers[0], &numbers[0], &numbers[1], &numbers[2], nullptr) == 0);
    Bytes result(modulus.size());
    REQUIRE(mbedtls_mpi_write_binary(&numbers[0], result.data(), result.size()) == 0);
    for (mbedtls_mpi& number : numbers)
        mbedtls_mpi_free(&number);
    return result;
}

/// RsaSample is an RSA-2048 key made by mbedTLS.
struct RsaSample {
    RsaSample() {
#if MBEDTLS_VERSION_NUMBER < 0x03000000
        mbedtls_rsa_init(&rsa, MBEDTLS_RSA_PKCS_V15, 0);
#else
        mbedtls_rsa_init(&rsa);
#endif
        REQUIRE(mbedtls_rsa_gen_key(&rsa, rsa_sample_rng, nullptr, 2048, 65537) == 0);
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
    RsaSample(const RsaSample&) = delete;
    RsaSample& operator=(const RsaSample&) = delete;
    Bytes encrypt(ByteView block) const {
        return rsa_power(block, 65537, n);
    }
    crypto::RsaParts parts() const {
        return {p, q, dp, dq, qinv};
    }

    mbedtls_rsa_context rsa{};
    Bytes n = Bytes(256), p = Bytes(128), q = Bytes(128), dp = Bytes(128), dq = Bytes(128),
          qinv = Bytes(128);
};

} // namespace tpmvsc::test
