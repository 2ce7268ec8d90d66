// SPDX-License-Identifier: Apache-2.0
#include "base/verifying_key.hpp"

#include "base/mbedtls_support.hpp"

#include <mbedtls/ecdsa.h>
#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>
#include <mbedtls/version.h>

namespace tpmvsc::crypto {

using detail::check;
using detail::Group;
using detail::Number;
using detail::Point;
using detail::Scoped;

namespace {

using ParsedKey = Scoped<mbedtls_pk_context, mbedtls_pk_init, mbedtls_pk_free>;

constexpr std::size_t shortest_rsa_bits = 2048;
constexpr std::size_t longest_rsa_bits = 4096;

Bytes point_of(ParsedKey& parsed) {
    Number x;
    Number y;
    Number z;
    mbedtls_ecp_group_id group = MBEDTLS_ECP_DP_NONE;
    Scoped<mbedtls_ecp_group, mbedtls_ecp_group_init, mbedtls_ecp_group_free> loaded;
    mbedtls_ecp_keypair* key = mbedtls_pk_ec(*parsed.get());
    Point point;
#if MBEDTLS_VERSION_NUMBER < 0x03000000
    group = key->grp.id;
    check("mbedtls_ecp_copy", mbedtls_ecp_copy(point.get(), &key->Q));
#else
    check("mbedtls_ecp_export", mbedtls_ecp_export(key, loaded.get(), Number().get(), point.get()));
    group = loaded.get()->id;
#endif
    if (group != MBEDTLS_ECP_DP_SECP256R1)
        return {};
    Group p256(Curve::p256);
    Bytes encoded(1 + 2 * field_bytes(Curve::p256));
    std::size_t written = 0;
    check("mbedtls_ecp_point_write_binary",
          mbedtls_ecp_point_write_binary(p256.get(), point.get(), MBEDTLS_ECP_PF_UNCOMPRESSED,
                                         &written, encoded.data(), encoded.size()));
    return encoded;
}

bool verify_ecdsa(ByteView point, ByteView digest, ByteView signature) {
    const std::size_t size = field_bytes(Curve::p256);
    if (signature.size() != 2 * size)
        return false;
    Group group(Curve::p256);
    Point key;
    Number r;
    Number s;
    check("mbedtls_ecp_point_read_binary",
          mbedtls_ecp_point_read_binary(group.get(), key.get(), point.data(), point.size()));
    check("mbedtls_mpi_read_binary", mbedtls_mpi_read_binary(r.get(), signature.data(), size));
    check("mbedtls_mpi_read_binary",
          mbedtls_mpi_read_binary(s.get(), signature.data() + size, size));
    return mbedtls_ecdsa_verify(group.get(), digest.data(), digest.size(), key.get(), r.get(),
                                s.get()) == 0;
}

#if MBEDTLS_VERSION_NUMBER < 0x03000000
void init_rsa(mbedtls_rsa_context* rsa) {
    mbedtls_rsa_init(rsa, MBEDTLS_RSA_PKCS_V15, MBEDTLS_MD_SHA256);
}
int verify_pkcs1(mbedtls_rsa_context* rsa, ByteView digest, ByteView signature) {
    return mbedtls_rsa_rsassa_pkcs1_v15_verify(
        rsa, nullptr, nullptr, MBEDTLS_RSA_PUBLIC, MBEDTLS_MD_SHA256,
        static_cast<unsigned>(digest.size()), digest.data(), signature.data());
}
#else
void init_rsa(mbedtls_rsa_context* rsa) {
    mbedtls_rsa_init(rsa);
}
int verify_pkcs1(mbedtls_rsa_context* rsa, ByteView digest, ByteView signature) {
    return mbedtls_rsa_rsassa_pkcs1_v15_verify(rsa, MBEDTLS_MD_SHA256,
                                               static_cast<unsigned>(digest.size()), digest.data(),
                                               signature.data());
}
#endif

bool verify_rsa(const VerifyingKey& key, ByteView digest, ByteView signature) {
    if (signature.size() != key.modulus.size())
        return false;
    Scoped<mbedtls_rsa_context, init_rsa, mbedtls_rsa_free> rsa;
    const Bytes exponent = big_endian32(key.exponent);
    check("mbedtls_rsa_import_raw",
          mbedtls_rsa_import_raw(rsa.get(), key.modulus.data(), key.modulus.size(), nullptr, 0,
                                 nullptr, 0, nullptr, 0, exponent.data(), exponent.size()));
    check("mbedtls_rsa_complete", mbedtls_rsa_complete(rsa.get()));
    return verify_pkcs1(rsa.get(), digest, signature) == 0;
}

std::optional<VerifyingKey> rsa_of(ParsedKey& parsed) {
    const std::size_t bits = mbedtls_pk_get_bitlen(parsed.get());
    if (bits < shortest_rsa_bits || bits > longest_rsa_bits || bits % 8 != 0)
        return std::nullopt;
    Number modulus;
    Number exponent;
    check("mbedtls_rsa_export", mbedtls_rsa_export(mbedtls_pk_rsa(*parsed.get()), modulus.get(),
                                                   nullptr, nullptr, nullptr, exponent.get()));
    constexpr std::size_t exponent_bytes = 4; // what a TPM takes
    if (mbedtls_mpi_size(exponent.get()) > exponent_bytes)
        return std::nullopt;
    VerifyingKey key;
    key.modulus.resize(bits / 8);
    Bytes raw(exponent_bytes);
    check("mbedtls_mpi_write_binary",
          mbedtls_mpi_write_binary(modulus.get(), key.modulus.data(), key.modulus.size()));
    check("mbedtls_mpi_write_binary",
          mbedtls_mpi_write_binary(exponent.get(), raw.data(), raw.size()));
    key.exponent = static_cast<std::uint32_t>(read_big_endian(raw));
    return key;
}

} // namespace

std::optional<VerifyingKey> VerifyingKey::parse(ByteView subject_public_key_info) {
    ParsedKey parsed;
    if (mbedtls_pk_parse_public_key(parsed.get(), subject_public_key_info.data(),
                                    subject_public_key_info.size()) != 0)
        return std::nullopt;
    if (mbedtls_pk_can_do(parsed.get(), MBEDTLS_PK_RSA) != 0)
        return rsa_of(parsed);
    if (mbedtls_pk_can_do(parsed.get(), MBEDTLS_PK_ECDSA) == 0)
        return std::nullopt;
    Bytes point = point_of(parsed);
    return point.empty() ? std::nullopt : std::optional(VerifyingKey{std::move(point), {}, 0});
}

bool VerifyingKey::verify(ByteView digest, ByteView signature) const {
    if (digest.size() != sha256_bytes)
        return false;
    return is_rsa() ? verify_rsa(*this, digest, signature) : verify_ecdsa(point, digest, signature);
}

} // namespace tpmvsc::crypto
