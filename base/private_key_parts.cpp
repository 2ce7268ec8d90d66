// SPDX-License-Identifier: Apache-2.0
#include "base/private_key_parts.hpp"

#include "base/mbedtls_support.hpp"

namespace tpmvsc::crypto {

namespace {

using detail::check;
using detail::Group;
using detail::Number;
using detail::Point;
using detail::rng;

constexpr int public_exponent = 65537;
/// Miller-Rabin rounds for numbers from outside: an error chance of 2^-80 whoever chose them
/// (FIPS 186-4 table C.3 asks for fewer, but of random candidates).
constexpr int prime_rounds = 40;

void read(Number& number, ByteView bytes) {
    check("mbedtls_mpi_read_binary",
          mbedtls_mpi_read_binary(number.get(), bytes.data(), bytes.size()));
}

bool is_prime(const Number& number) {
    const int result = mbedtls_mpi_is_prime_ext(number.get(), prime_rounds, rng, nullptr);
    if (result == MBEDTLS_ERR_MPI_NOT_ACCEPTABLE)
        return false;
    check("mbedtls_mpi_is_prime_ext", result);
    return true;
}

/// True when a * b mod modulus is one.
bool are_inverse(const mbedtls_mpi* a, const mbedtls_mpi* b, const mbedtls_mpi* modulus) {
    Number product;
    check("mbedtls_mpi_mul_mpi", mbedtls_mpi_mul_mpi(product.get(), a, b));
    check("mbedtls_mpi_mod_mpi", mbedtls_mpi_mod_mpi(product.get(), product.get(), modulus));
    return mbedtls_mpi_cmp_int(product.get(), 1) == 0;
}

/// True when `exponent` is the inverse of 65537 modulo prime - 1, and reduced.
bool is_crt_exponent(const Number& exponent, const Number& prime) {
    Number order;
    Number e;
    check("mbedtls_mpi_sub_int", mbedtls_mpi_sub_int(order.get(), prime.get(), 1));
    check("mbedtls_mpi_lset", mbedtls_mpi_lset(e.get(), public_exponent));
    return mbedtls_mpi_cmp_mpi(exponent.get(), order.get()) < 0 &&
           are_inverse(exponent.get(), e.get(), order.get());
}

} // namespace

std::optional<Bytes> rsa_modulus(const RsaParts& parts, std::size_t bits) {
    Number p;
    Number q;
    Number dp;
    Number dq;
    Number q_inverse;
    for (const auto& [number, bytes] : {std::pair{&p, parts.p},
                                        {&q, parts.q},
                                        {&dp, parts.dp},
                                        {&dq, parts.dq},
                                        {&q_inverse, parts.q_inverse}}) {
        // Longer than the modulus is nonsense, and not worth the arithmetic.
        if (bytes.size() > bits / 8)
            return std::nullopt;
        read(*number, bytes);
    }
    if (mbedtls_mpi_bitlen(p.get()) != bits / 2 || mbedtls_mpi_bitlen(q.get()) != bits / 2 ||
        mbedtls_mpi_cmp_mpi(p.get(), q.get()) == 0)
        return std::nullopt;
    Number modulus;
    check("mbedtls_mpi_mul_mpi", mbedtls_mpi_mul_mpi(modulus.get(), p.get(), q.get()));
    if (mbedtls_mpi_bitlen(modulus.get()) != bits || !is_prime(p) || !is_prime(q) ||
        !is_crt_exponent(dp, p) || !is_crt_exponent(dq, q) ||
        mbedtls_mpi_cmp_mpi(q_inverse.get(), p.get()) >= 0 ||
        !are_inverse(q_inverse.get(), q.get(), p.get()))
        return std::nullopt;
    Bytes result(bits / 8);
    check("mbedtls_mpi_write_binary",
          mbedtls_mpi_write_binary(modulus.get(), result.data(), result.size()));
    return result;
}

std::optional<Bytes> ec_public_point(Curve curve, ByteView scalar) {
    Group group(curve);
    Number secret;
    read(secret, scalar);
    if (scalar.size() != field_bytes(curve) ||
        mbedtls_ecp_check_privkey(group.get(), secret.get()) != 0)
        return std::nullopt;
    Point result;
    check("mbedtls_ecp_mul",
          mbedtls_ecp_mul(group.get(), result.get(), secret.get(), &group.get()->G, rng, nullptr));
    Bytes point(1 + 2 * field_bytes(curve));
    std::size_t written = 0;
    check("mbedtls_ecp_point_write_binary",
          mbedtls_ecp_point_write_binary(group.get(), result.get(), MBEDTLS_ECP_PF_UNCOMPRESSED,
                                         &written, point.data(), point.size()));
    return point;
}

} // namespace tpmvsc::crypto
