// SPDX-License-Identifier: Apache-2.0
#include "apdu/make_card_edge.hpp"
#include "base/crypto.hpp"
#include "base/tlv.hpp"
#include "tests/catch.hpp"
#include "tests/tpm/card_fixture.hpp"

#include <mbedtls/bignum.h>
#include <mbedtls/ecdsa.h>

// What the scenario files cannot say: that the card's signatures verify and its secrets agree, by
// somebody else's arithmetic.

using namespace tpmvsc;

namespace {

/// PivHost is a host that is administrator and has given the PIN.
struct PivHost : CardFixture {
    PivHost() : edge(apdu::make_card_edge(*card)) {
        const Bytes witness =
            in_template(0x80, send({0x00, 0x87, 0x03, 0x9B}, template_of(0x80, {})));
        const Bytes key = card::default_admin_key(card::AdminAlgorithm::tdes);
        const Bytes plain = crypto::block_decrypt(crypto::BlockCipher::tdes, key, witness);
        TlvWriter writer;
        writer.open(0x7C).add(0x80, plain).add(0x81, Bytes(8)).close();
        send({0x00, 0x87, 0x03, 0x9B}, writer.take());
        send({0x00, 0x20, 0x00, 0x80}, to_bytes("123456\xFF\xFF"));
    }

    static Bytes template_of(std::uint32_t tag, ByteView value) {
        TlvWriter writer;
        return writer.open(0x7C).add(tag, value).close().take();
    }

    /// Sends an extended command and gives the answer without its status word, which must be 9000.
    Bytes send(Bytes header, ByteView data) {
        header.push_back(0x00);
        append(header, big_endian16(static_cast<std::uint16_t>(data.size())));
        append(header, data);
        append(header, big_endian16(0));
        Bytes answer = edge->transmit(header);
        REQUIRE(to_hex(ByteView(answer).last(2)) == "9000");
        answer.resize(answer.size() - 2);
        return answer;
    }

    /// The value of `tag` in the one template that `answer` is.
    static Bytes in_template(std::uint32_t tag, ByteView answer) {
        const auto outer = parse_all(answer);
        REQUIRE(outer);
        const auto found = TlvReader(outer->front().value).find(tag);
        REQUIRE(found);
        return to_bytes(found->value);
    }

    Bytes generate(std::uint8_t slot, std::uint8_t algorithm) {
        return send({0x00, 0x47, 0x00, slot}, Bytes{0xAC, 0x03, 0x80, 0x01, algorithm});
    }

    Bytes use(std::uint8_t slot, std::uint8_t algorithm, std::uint8_t tag, ByteView input) {
        TlvWriter writer;
        writer.open(0x7C).add(0x82, {}).add(tag, input).close();
        return in_template(0x82, send({0x00, 0x87, algorithm, slot}, writer.take()));
    }

    std::unique_ptr<apdu::CardEdge> edge;
};

class Number {
  public:
    explicit Number(ByteView bytes) {
        mbedtls_mpi_init(&value_);
        REQUIRE(mbedtls_mpi_read_binary(&value_, bytes.data(), bytes.size()) == 0);
    }
    ~Number() { mbedtls_mpi_free(&value_); }
    Number(const Number&) = delete;
    Number& operator=(const Number&) = delete;
    mbedtls_mpi* get() { return &value_; }

  private:
    mbedtls_mpi value_{};
};

/// base^exponent mod modulus, in the modulus' size.
Bytes power(ByteView base, ByteView exponent, ByteView modulus) {
    Number b(base);
    Number e(exponent);
    Number n(modulus);
    Number result(Bytes{0});
    REQUIRE(mbedtls_mpi_exp_mod(result.get(), b.get(), e.get(), n.get(), nullptr) == 0);
    Bytes bytes(modulus.size());
    REQUIRE(mbedtls_mpi_write_binary(result.get(), bytes.data(), bytes.size()) == 0);
    return bytes;
}

bool verifies(mbedtls_ecp_group_id curve, ByteView point, ByteView digest, ByteView signature) {
    const auto sequence = parse_all(signature);
    REQUIRE(sequence);
    REQUIRE(sequence->front().tag == 0x30);
    const auto numbers = parse_all(sequence->front().value);
    REQUIRE(numbers);
    REQUIRE(numbers->size() == 2);
    Number r(numbers->front().value);
    Number s(numbers->back().value);
    mbedtls_ecp_group group;
    mbedtls_ecp_point key;
    mbedtls_ecp_group_init(&group);
    mbedtls_ecp_point_init(&key);
    REQUIRE(mbedtls_ecp_group_load(&group, curve) == 0);
    REQUIRE(mbedtls_ecp_point_read_binary(&group, &key, point.data(), point.size()) == 0);
    const int result =
        mbedtls_ecdsa_verify(&group, digest.data(), digest.size(), &key, r.get(), s.get());
    mbedtls_ecp_point_free(&key);
    mbedtls_ecp_group_free(&group);
    return result == 0;
}

} // namespace

TEST_CASE("a raw RSA operation is undone by the public key", "[piv][crypto]") {
    PivHost host;
    const Bytes key = host.generate(0x9A, 0x07);
    const Bytes modulus = PivHost::in_template(0x81, key);
    const Bytes exponent = PivHost::in_template(0x82, key);
    Bytes block = crypto::random_bytes(256);
    block[0] = 0;
    const Bytes result = host.use(0x9A, 0x07, 0x81, block);
    CHECK(result.size() == 256);
    CHECK(power(result, exponent, modulus) == block);

    const Bytes sealed = power(block, exponent, modulus);
    CHECK(host.use(0x9A, 0x07, 0x81, sealed) == block);
}

TEST_CASE("ECDSA signatures verify, whatever the digest's length", "[piv][crypto]") {
    PivHost host;
    const Bytes p256 = PivHost::in_template(0x86, host.generate(0x9A, 0x11));
    const Bytes p384 = PivHost::in_template(0x86, host.generate(0x82, 0x14));
    for (const std::size_t size : {1, 20, 28, 31, 32, 33, 48, 64}) {
        CAPTURE(size);
        const Bytes digest = crypto::random_bytes(size);
        CHECK(verifies(MBEDTLS_ECP_DP_SECP256R1, p256, digest, host.use(0x9A, 0x11, 0x81, digest)));
        CHECK(verifies(MBEDTLS_ECP_DP_SECP384R1, p384, digest, host.use(0x82, 0x14, 0x81, digest)));
    }
    const Bytes digest = crypto::random_bytes(32);
    CHECK_FALSE(verifies(MBEDTLS_ECP_DP_SECP256R1, p256, crypto::random_bytes(32),
                         host.use(0x9A, 0x11, 0x81, digest)));
}

TEST_CASE("P-521 signs what a hash gives, and nothing longer", "[card][crypto]") {
    CardFixture fixture;
    card::Card& card = *fixture.card;
    REQUIRE(card.supports(card::KeyAlgorithm::p521));
    const Bytes point =
        card.generate_key(0x81, card::KeyAlgorithm::p521, card::PinPolicy::never).public_key.point;
    for (const std::size_t size : {1, 20, 32, 48, 63, 64}) {
        CAPTURE(size);
        const Bytes digest = crypto::random_bytes(size);
        const card::KeyOutcome outcome = card.ecdsa_sign(0x81, digest);
        REQUIRE(outcome.done());
        CHECK(verifies(MBEDTLS_ECP_DP_SECP521R1, point, digest, outcome.data));
    }
    for (const std::size_t size : {0, 65, 66, 128}) {
        CAPTURE(size);
        CHECK(card.ecdsa_sign(0x81, Bytes(size, 1)).result == card::KeyOutcome::Result::bad_input);
    }
}

TEST_CASE("ECDH agrees with the other party", "[piv][crypto]") {
    struct Case {
        crypto::Curve curve;
        std::uint8_t algorithm;
    };
    PivHost host;
    for (const Case row : {Case{crypto::Curve::p256, 0x11}, Case{crypto::Curve::p384, 0x14}}) {
        const Bytes point = PivHost::in_template(0x86, host.generate(0x9D, row.algorithm));
        const auto peer = crypto::EcKeyPair::generate(row.curve);
        const auto shared = peer.agree(point);
        REQUIRE(shared);
        CHECK(host.use(0x9D, row.algorithm, 0x85, peer.point()) == to_bytes(shared->view()));
    }
}
