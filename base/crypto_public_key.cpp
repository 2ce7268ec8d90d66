// SPDX-License-Identifier: Apache-2.0
#include "base/mbedtls_support.hpp"

#include <mbedtls/ecdh.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/md.h>
#include <mbedtls/rsa.h>
#include <mbedtls/version.h>

#include <utility>

namespace tpmvsc::crypto {

using detail::check;
using detail::Group;
using detail::Number;
using detail::Point;
using detail::rng;
using detail::Scoped;

namespace {

// mbedTLS 3 took the padding out of mbedtls_rsa_init and the mode out of the operations.
#if MBEDTLS_VERSION_NUMBER < 0x03000000
void init_rsa(mbedtls_rsa_context* rsa) {
    mbedtls_rsa_init(rsa, MBEDTLS_RSA_PKCS_V21, MBEDTLS_MD_SHA256);
}
#else
void init_rsa(mbedtls_rsa_context* rsa) {
    mbedtls_rsa_init(rsa);
}
#endif

using Rsa = Scoped<mbedtls_rsa_context, init_rsa, mbedtls_rsa_free>;

int oaep_encrypt(Rsa& rsa, ByteView label, ByteView message, Bytes& result) {
#if MBEDTLS_VERSION_NUMBER < 0x03000000
    return mbedtls_rsa_rsaes_oaep_encrypt(rsa.get(), rng, nullptr, MBEDTLS_RSA_PUBLIC, label.data(),
                                          label.size(), message.size(), message.data(),
                                          result.data());
#else
    check("mbedtls_rsa_set_padding",
          mbedtls_rsa_set_padding(rsa.get(), MBEDTLS_RSA_PKCS_V21, MBEDTLS_MD_SHA256));
    return mbedtls_rsa_rsaes_oaep_encrypt(rsa.get(), rng, nullptr, label.data(), label.size(),
                                          message.size(), message.data(), result.data());
#endif
}

/// Reads `encoded` into `point`; false unless it is a point of the curve, in the one form we take.
bool read_point(Group& group, Curve curve, ByteView encoded, Point& point) {
    constexpr std::uint8_t uncompressed = 0x04; // SEC 1 section 2.3.3
    if (encoded.size() != 1 + 2 * field_bytes(curve) || encoded[0] != uncompressed)
        return false;
    if (mbedtls_ecp_point_read_binary(group.get(), point.get(), encoded.data(), encoded.size()) !=
        0)
        return false;
    return mbedtls_ecp_check_pubkey(group.get(), point.get()) == 0;
}

void write_number(const Number& number, std::span<std::uint8_t> target) {
    check("mbedtls_mpi_write_binary",
          mbedtls_mpi_write_binary(number.get(), target.data(), target.size()));
}

} // namespace

mbedtls_ecp_group_id detail::group_id(Curve curve) {
    switch (curve) {
    case Curve::p256:
        return MBEDTLS_ECP_DP_SECP256R1;
    case Curve::p384:
        return MBEDTLS_ECP_DP_SECP384R1;
    case Curve::p521:
        return MBEDTLS_ECP_DP_SECP521R1;
    }
    return MBEDTLS_ECP_DP_NONE;
}

std::size_t field_bytes(Curve curve) {
    switch (curve) {
    case Curve::p256:
        return 32;
    case Curve::p384:
        return 48;
    case Curve::p521:
        return 66;
    }
    throw CryptoError("unknown curve");
}

bool is_on_curve(Curve curve, ByteView point) {
    Group group(curve);
    Point parsed;
    return read_point(group, curve, point, parsed);
}

EcKeyPair::EcKeyPair(Curve curve, SecretBytes scalar, Bytes point)
    : curve_(curve), scalar_(std::move(scalar)), point_(std::move(point)) {}

EcKeyPair EcKeyPair::generate(Curve curve) {
    Group group(curve);
    Number secret;
    Point public_point;
    check("mbedtls_ecp_gen_keypair",
          mbedtls_ecp_gen_keypair(group.get(), secret.get(), public_point.get(), rng, nullptr));
    SecretBytes scalar(field_bytes(curve));
    write_number(secret, scalar.span());
    Bytes encoded(1 + 2 * field_bytes(curve));
    std::size_t written = 0;
    check("mbedtls_ecp_point_write_binary",
          mbedtls_ecp_point_write_binary(group.get(), public_point.get(),
                                         MBEDTLS_ECP_PF_UNCOMPRESSED, &written, encoded.data(),
                                         encoded.size()));
    return EcKeyPair(curve, std::move(scalar), std::move(encoded));
}

std::optional<SecretBytes> EcKeyPair::agree(ByteView peer) const {
    Group group(curve_);
    Point peer_point;
    if (!read_point(group, curve_, peer, peer_point))
        return std::nullopt;
    Number secret;
    check("mbedtls_mpi_read_binary",
          mbedtls_mpi_read_binary(secret.get(), scalar_.view().data(), scalar_.size()));
    Number shared;
    check("mbedtls_ecdh_compute_shared",
          mbedtls_ecdh_compute_shared(group.get(), shared.get(), peer_point.get(), secret.get(),
                                      rng, nullptr));
    SecretBytes x(field_bytes(curve_));
    write_number(shared, x.span());
    return x;
}

Bytes EcKeyPair::sign(ByteView digest) const {
    Group group(curve_);
    Number secret;
    check("mbedtls_mpi_read_binary",
          mbedtls_mpi_read_binary(secret.get(), scalar_.view().data(), scalar_.size()));
    Number r;
    Number s;
    check("mbedtls_ecdsa_sign", mbedtls_ecdsa_sign(group.get(), r.get(), s.get(), secret.get(),
                                                   digest.data(), digest.size(), rng, nullptr));
    const std::size_t size = field_bytes(curve_);
    Bytes signature(2 * size);
    write_number(r, std::span(signature).first(size));
    write_number(s, std::span(signature).last(size));
    return signature;
}

Bytes rsa_oaep_encrypt(ByteView modulus, std::uint32_t exponent, ByteView label, ByteView message) {
    Rsa rsa;
    const Bytes exponent_bytes = big_endian32(exponent);
    check("mbedtls_rsa_import_raw",
          mbedtls_rsa_import_raw(rsa.get(), modulus.data(), modulus.size(), nullptr, 0, nullptr, 0,
                                 nullptr, 0, exponent_bytes.data(), exponent_bytes.size()));
    check("mbedtls_rsa_complete", mbedtls_rsa_complete(rsa.get()));
    Bytes result(mbedtls_rsa_get_len(rsa.get()));
    check("mbedtls_rsa_rsaes_oaep_encrypt", oaep_encrypt(rsa, label, message, result));
    return result;
}

} // namespace tpmvsc::crypto
