// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base_mbedtls.hpp"

#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
#include <mbedtls/md.h>
#include <mbedtls/rsa.h>
#include <mbedtls/version.h>

#include <stdexcept>
#include <string>

namespace tpmvsc::test {

namespace {

void expect(int result, const char* call) {
    if (result != 0)
        throw std::runtime_error(std::string(call) + " " + std::to_string(result));
}

int draw(void*, unsigned char* target, std::size_t size) {
    crypto::random_fill({target, size});
    return 0;
}

mbedtls_ecp_group_id id_of(crypto::Curve curve) {
    return curve == crypto::Curve::p256   ? MBEDTLS_ECP_DP_SECP256R1
           : curve == crypto::Curve::p384 ? MBEDTLS_ECP_DP_SECP384R1
                                          : MBEDTLS_ECP_DP_SECP521R1;
}

struct Group {
    explicit Group(crypto::Curve curve) {
        mbedtls_ecp_group_init(&value);
        expect(mbedtls_ecp_group_load(&value, id_of(curve)), "group_load");
    }
    ~Group() { mbedtls_ecp_group_free(&value); }
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;
    mbedtls_ecp_group value;
};

struct Point {
    Point() { mbedtls_ecp_point_init(&value); }
    ~Point() { mbedtls_ecp_point_free(&value); }
    Point(const Point&) = delete;
    Point& operator=(const Point&) = delete;
    mbedtls_ecp_point value;
};

struct Number {
    Number() { mbedtls_mpi_init(&value); }
    ~Number() { mbedtls_mpi_free(&value); }
    Number(const Number&) = delete;
    Number& operator=(const Number&) = delete;
    mbedtls_mpi value;
};

Bytes encoded(Group& group, const Point& point, std::size_t field) {
    Bytes bytes(1 + 2 * field);
    std::size_t size = 0;
    expect(mbedtls_ecp_point_write_binary(&group.value, &point.value, MBEDTLS_ECP_PF_UNCOMPRESSED,
                                          &size, bytes.data(), bytes.size()),
           "point_write_binary");
    if (size != bytes.size())
        throw std::runtime_error("the point at infinity");
    return bytes;
}

} // namespace

struct EcReference::State {
    explicit State(crypto::Curve curve) : group(curve), field(crypto::field_bytes(curve)) {}
    Group group;
    std::size_t field;
    Number scalar;
};

EcReference::EcReference(crypto::Curve curve) : state_(std::make_unique<State>(curve)) {
    Point own;
    expect(mbedtls_ecp_gen_keypair(&state_->group.value, &state_->scalar.value, &own.value, draw,
                                   nullptr),
           "gen_keypair");
    point_ = encoded(state_->group, own, state_->field);
}

EcReference::~EcReference() = default;

Bytes EcReference::shared_x(ByteView peer) {
    Point other;
    Point product;
    expect(
        mbedtls_ecp_point_read_binary(&state_->group.value, &other.value, peer.data(), peer.size()),
        "point_read_binary");
    expect(mbedtls_ecp_mul(&state_->group.value, &product.value, &state_->scalar.value,
                           &other.value, draw, nullptr),
           "mul");
    return to_bytes(
        ByteView(encoded(state_->group, product, state_->field)).subspan(1, state_->field));
}

bool ecdsa_verify(crypto::Curve curve, ByteView point, ByteView digest, ByteView signature) {
    Group group(curve);
    Point key;
    expect(mbedtls_ecp_point_read_binary(&group.value, &key.value, point.data(), point.size()),
           "point_read_binary");
    const std::size_t field = crypto::field_bytes(curve);
    Number r;
    Number s;
    expect(mbedtls_mpi_read_binary(&r.value, signature.data(), field), "read r");
    expect(mbedtls_mpi_read_binary(&s.value, signature.data() + field, field), "read s");
    return mbedtls_ecdsa_verify(&group.value, digest.data(), digest.size(), &key.value, &r.value,
                                &s.value) == 0;
}

struct RsaReference::State {
#if MBEDTLS_VERSION_NUMBER < 0x03000000
    State() {
        mbedtls_rsa_init(&rsa, MBEDTLS_RSA_PKCS_V21, MBEDTLS_MD_SHA256);
    }
#else
    State() {
        mbedtls_rsa_init(&rsa);
        expect(mbedtls_rsa_set_padding(&rsa, MBEDTLS_RSA_PKCS_V21, MBEDTLS_MD_SHA256), "padding");
    }
#endif
    ~State() {
        mbedtls_rsa_free(&rsa);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    mbedtls_rsa_context rsa;
};

RsaReference& RsaReference::of_2048_bits() {
    static RsaReference& key = *new RsaReference;
    return key;
}

RsaReference::RsaReference() : state_(std::make_unique<State>()) {
    expect(mbedtls_rsa_gen_key(&state_->rsa, draw, nullptr, 2048, 65537), "gen_key");
}

Bytes RsaReference::modulus() {
    Bytes bytes(256);
    expect(mbedtls_rsa_export_raw(&state_->rsa, bytes.data(), bytes.size(), nullptr, 0, nullptr, 0,
                                  nullptr, 0, nullptr, 0),
           "export_raw");
    return bytes;
}

std::optional<Bytes> RsaReference::oaep_decrypt(ByteView label, ByteView cipher) {
    Bytes plain(256);
    std::size_t size = 0;
    const int result = mbedtls_rsa_rsaes_oaep_decrypt(&state_->rsa, draw, nullptr,
#if MBEDTLS_VERSION_NUMBER < 0x03000000
                                                      MBEDTLS_RSA_PRIVATE,
#endif
                                                      label.data(), label.size(), &size,
                                                      cipher.data(), plain.data(), plain.size());
    if (result != 0)
        return std::nullopt;
    plain.resize(size);
    return plain;
}

} // namespace tpmvsc::test
