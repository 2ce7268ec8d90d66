// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/private_key.hpp"

#include "cli/failure.hpp"
#include "cli/x509/public_key.hpp"

#include <openssl/core_names.h>

namespace tpmvsc::cli::x509 {
namespace {

constexpr std::uint32_t usual_exponent = 65537;

/// In `size` bytes.
SecretBytes number(const EVP_PKEY& key, const char* name, std::size_t size) {
    BIGNUM* found = nullptr;
    require(EVP_PKEY_get_bn_param(&key, name, &found) == 1, "read the private key's numbers");
    const BignumHandle value(found);
    SecretBytes bytes(size);
    require(BN_bn2binpad(value.get(), bytes.span().data(), static_cast<int>(size)) >= 0,
            "read the private key's numbers");
    return bytes;
}

Failure unsupported(const std::string& why) {
    return {ExitCode::unsupported, "a card cannot hold this key: " + why};
}

} // namespace

client::RsaNumbers PrivateKey::rsa_numbers() const {
    return {public_key.modulus,
            private_exponent.view(),
            {p.view(), q.view(), dp.view(), dq.view(), q_inverse.view()}};
}

PrivateKey private_key_of(const EVP_PKEY& key) {
    const auto algorithm = algorithm_of(key);
    auto public_key = public_key_of(key);
    if (!algorithm || !public_key) {
        throw unsupported("it must be RSA with 1024, 2048, 3072 or 4096 bits, P-256 or P-384");
    }
    PrivateKey taken;
    taken.algorithm = *algorithm;
    taken.public_key = std::move(*public_key);
    if (!card::is_rsa(*algorithm)) {
        taken.scalar = number(key, OSSL_PKEY_PARAM_PRIV_KEY, card::key_bytes(*algorithm));
        return taken;
    }
    if (taken.public_key.exponent != usual_exponent) {
        throw unsupported("its public exponent is not 65537");
    }
    const std::size_t half = card::key_bytes(*algorithm) / 2;
    taken.private_exponent = number(key, OSSL_PKEY_PARAM_RSA_D, 2 * half);
    taken.p = number(key, OSSL_PKEY_PARAM_RSA_FACTOR1, half);
    taken.q = number(key, OSSL_PKEY_PARAM_RSA_FACTOR2, half);
    taken.dp = number(key, OSSL_PKEY_PARAM_RSA_EXPONENT1, half);
    taken.dq = number(key, OSSL_PKEY_PARAM_RSA_EXPONENT2, half);
    taken.q_inverse = number(key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, half);
    return taken;
}

} // namespace tpmvsc::cli::x509
