// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/initial_objects.hpp"
#include "apdu/gids/private_key.hpp"
#include "apdu/make_card_edge.hpp"
#include "base/tlv.hpp"
#include "tests/catch.hpp"
#include "tests/tpm/card_fixture.hpp"
#include "tests/tpm/rsa_sample.hpp"
#include "tests/unit/base_mbedtls.hpp"

#include <mbedtls/md.h>

// What the GIDS scenario files cannot say: that signatures verify, that each padding is taken away,
// and that imported keys are the ones that were sent.

using namespace tpmvsc;

namespace {

constexpr std::size_t modulus_bytes = 256;

/// GidsHost has given the PIN to a card that is ready for use.
struct GidsHost {
    GidsHost() {
        card::CreateOptions options;
        options.name = "Test card";
        options.profile = card::Profile::gids;
        options.pin = SecretBytes(as_bytes("123456"));
        options.admin_key = SecretBytes(card::default_admin_key(card::AdminAlgorithm::tdes));
        const card::Store store(swtpm.folder() + "/cards");
        const auto identity = card::create(store, tpm, std::move(options),
                                           [](const auto& made, card::CreateOptions& create) {
                                               create.objects = gids::initial_objects(made);
                                           });
        card = card::Card::open(store.path() + "/" + to_hex(identity.id), tpm);
        edge = apdu::make_card_edge(*card);
        send({0x00, 0x20, 0x00, 0x80}, as_bytes("123456"));
    }

    std::string status(Bytes header, ByteView data) {
        const Bytes answer = transmit(std::move(header), data);
        return to_hex(ByteView(answer).last(2));
    }

    /// The answer without its status word, which must be 9000.
    Bytes send(Bytes header, ByteView data) {
        Bytes answer = transmit(std::move(header), data);
        REQUIRE(to_hex(ByteView(answer).last(2)) == "9000");
        answer.resize(answer.size() - 2);
        return answer;
    }

    Bytes transmit(Bytes header, ByteView data) {
        header.push_back(0x00);
        append(header, big_endian16(static_cast<std::uint16_t>(data.size())));
        append(header, data);
        append(header, big_endian16(0));
        return edge->transmit(header);
    }

    /// A key file of Windows' and OpenSC's kind, for signing and deciphering.
    void create_key_file(std::uint8_t key) {
        TlvWriter writer;
        writer.open(0x62)
            .add(0x82, Bytes{0x18})
            .add(0x83, Bytes{0xB0, key})
            .add(0x8C, Bytes{0x8F, 0x10, 0x10, 0x10, 0x00})
            .open(0xA5)
            .add(0xB8, {})
            .add(0xB6, {})
            .close()
            .close();
        send({0x00, 0xE0, 0x00, 0x00}, writer.take());
    }

    /// Makes a key and gives `tag` of its public half.
    Bytes generate(std::uint8_t key, std::uint8_t algorithm, std::uint32_t tag) {
        create_key_file(key);
        const Bytes answer = send({0x00, 0x47, 0x00, 0x00},
                                  Bytes{0xAC, 0x06, 0x80, 0x01, algorithm, 0x83, 0x01, key});
        const auto outer = parse_all(answer);
        REQUIRE(outer);
        return to_bytes(TlvReader(outer->front().value).find(tag).value().value);
    }

    void select(std::uint8_t usage, std::uint8_t algorithm, std::uint8_t key) {
        send({0x00, 0x22, 0x41, usage}, Bytes{0x80, 0x01, algorithm, 0x84, 0x01, key});
    }
    Bytes sign(std::uint8_t algorithm, std::uint8_t key, ByteView input) {
        select(0xB6, algorithm, key);
        return send({0x00, 0x2A, 0x9E, 0x9A}, input);
    }
    Bytes decipher(std::uint8_t algorithm, std::uint8_t key, ByteView cryptogram) {
        select(0xB8, algorithm, key);
        return send({0x00, 0x2A, 0x80, 0x86}, cryptogram);
    }
    std::string put_key(std::uint8_t key, ByteView encoded) {
        TlvWriter writer;
        writer.open(0x70)
            .add(0x84, Bytes{key})
            .open(0xA5)
            .add(0x83, Bytes{0x02})
            .add(0x84, Bytes{0x00})
            .add(0x87, encoded)
            .close()
            .close();
        return status({0x00, 0xDB, 0x3F, 0xFF}, writer.take());
    }

    test::Swtpm swtpm;
    tpm::Tpm tpm{swtpm.tcti(), std::chrono::seconds(2)};
    std::unique_ptr<card::Card> card;
    std::unique_ptr<apdu::CardEdge> edge;
};

/// The public operation, by mbedTLS.
Bytes public_operation(ByteView modulus, ByteView block) {
    mbedtls_rsa_context rsa{};
#if MBEDTLS_VERSION_NUMBER < 0x03000000
    mbedtls_rsa_init(&rsa, MBEDTLS_RSA_PKCS_V15, 0);
#else
    mbedtls_rsa_init(&rsa);
#endif
    const Bytes exponent{0x01, 0x00, 0x01};
    REQUIRE(mbedtls_rsa_import_raw(&rsa, modulus.data(), modulus.size(), nullptr, 0, nullptr, 0,
                                   nullptr, 0, exponent.data(), exponent.size()) == 0);
    REQUIRE(mbedtls_rsa_complete(&rsa) == 0);
    Bytes result(modulus.size());
    REQUIRE(mbedtls_rsa_public(&rsa, block.data(), result.data()) == 0);
    mbedtls_rsa_free(&rsa);
    return result;
}

Bytes sha1(ByteView data) {
    Bytes digest(20);
    REQUIRE(mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA1), data.data(), data.size(),
                       digest.data()) == 0);
    return digest;
}

/// MGF1 with SHA-1 (RFC 8017 appendix B.2.1), laid over `target`.
void mask(std::span<std::uint8_t> target, ByteView seed) {
    Bytes stream;
    for (std::uint32_t counter = 0; stream.size() < target.size(); ++counter) {
        append(stream, sha1(concat({seed, big_endian32(counter)})));
    }
    for (std::size_t i = 0; i < target.size(); ++i) {
        target[i] = static_cast<std::uint8_t>(target[i] ^ stream[i]);
    }
}

/// EME-OAEP with SHA-1 and no label (RFC 8017 section 7.1.1).
Bytes oaep_block(ByteView message, std::size_t size) {
    Bytes seed = crypto::random_bytes(20);
    Bytes data = sha1({});
    data.resize(size - seed.size() - 1 - message.size() - 1, 0x00);
    data.push_back(0x01);
    append(data, message);
    mask(data, seed);
    mask(seed, data);
    return concat({Bytes{0x00}, seed, data});
}

Bytes pkcs1_block(ByteView message, std::size_t size) {
    Bytes block{0x00, 0x02};
    block.resize(size - message.size() - 1, 0x5A);
    block.push_back(0x00);
    append(block, message);
    return block;
}

Bytes without_leading_zeros(ByteView number) {
    while (!number.empty() && number.front() == 0) {
        number = number.subspan(1);
    }
    return to_bytes(number);
}

/// RSAPrivateKey with the numbers as DER has them, or as OpenSC writes them.
enum class Integers { der, unsigned_and_stripped };

Bytes encode(const test::RsaSample& sample, Integers form) {
    TlvWriter writer;
    writer.open(0x30).add(0x02, Bytes{0x00});
    const Bytes exponent{0x01, 0x00, 0x01};
    const Bytes private_exponent(modulus_bytes, 0x11); // not looked at
    for (const Bytes* number : {&sample.n, &exponent, &private_exponent, &sample.p, &sample.q,
                                &sample.dp, &sample.dq, &sample.qinv}) {
        Bytes value = without_leading_zeros(*number);
        if (form == Integers::der && (value.front() & 0x80) != 0) {
            value.insert(value.begin(), 0x00);
        }
        writer.add(0x02, value);
    }
    return writer.close().take();
}

} // namespace

TEST_CASE("GIDS signatures verify, padded by the card or by the host", "[gids][crypto]") {
    GidsHost host;
    const Bytes modulus = host.generate(0x81, 0x07, 0x81);
    const Bytes info = crypto::random_bytes(51);
    Bytes block{0x00, 0x01};
    block.resize(modulus_bytes - info.size() - 1, 0xFF);
    block.push_back(0x00);
    append(block, info);
    CHECK(public_operation(modulus, host.sign(0x57, 0x81, info)) == block);
    CHECK(public_operation(modulus, host.sign(0x17, 0x81, block)) == block);
}

TEST_CASE("GIDS elliptic-curve signatures are r and s", "[gids][crypto]") {
    GidsHost host;
    const Bytes p256 = host.generate(0x81, 0x0C, 0x86);
    const Bytes p384 = host.generate(0x82, 0x0D, 0x86);
    const Bytes digest = crypto::random_bytes(32);
    CHECK(test::ecdsa_verify(crypto::Curve::p256, p256, digest, host.sign(0x1C, 0x81, digest)));
    CHECK_FALSE(test::ecdsa_verify(crypto::Curve::p256, p256, crypto::random_bytes(32),
                                   host.sign(0x1C, 0x81, digest)));
    const Bytes longer = crypto::random_bytes(48);
    CHECK(test::ecdsa_verify(crypto::Curve::p384, p384, longer, host.sign(0x1D, 0x82, longer)));
}

TEST_CASE("GIDS keys decipher each padding", "[gids][crypto]") {
    GidsHost host;
    const Bytes modulus = host.generate(0x81, 0x07, 0x81);
    const Bytes message = crypto::random_bytes(32);
    const Bytes pkcs1 = pkcs1_block(message, modulus_bytes);
    CHECK(host.decipher(0x47, 0x81, public_operation(modulus, pkcs1)) == message);
    CHECK(host.decipher(0x07, 0x81, public_operation(modulus, pkcs1)) == pkcs1);
    const Bytes oaep = public_operation(modulus, oaep_block(message, modulus_bytes));
    CHECK(host.decipher(0x87, 0x81, oaep) == message);
    CHECK(host.decipher(0x87, 0x81, concat({Bytes{0x00}, oaep})) == message);
    // One padding is not the other, and one that is wrong tells nothing but that. A TPM whose
    // cryptography has PKCS #1's implicit rejection (OpenSSL from 3.2 on, in Debian 13's swtpm)
    // does not tell even that: it answers with bytes that are the cryptogram's alone.
    for (const Bytes& wrong : {oaep, Bytes(modulus_bytes, 0x01)}) {
        host.select(0xB8, 0x47, 0x81);
        const Bytes answer = host.transmit({0x00, 0x2A, 0x80, 0x86}, wrong);
        const std::string status = to_hex(ByteView(answer).last(2));
        CHECK((status == "6a80" || status == "9000"));
        CHECK((status == "9000" || answer.size() == 2));
        CHECK(Bytes(answer.begin(), answer.end() - 2) != message);
        if (status == "9000")
            CHECK(host.decipher(0x47, 0x81, wrong) == Bytes(answer.begin(), answer.end() - 2));
    }
    // And the card goes on.
    CHECK(host.decipher(0x87, 0x81, oaep) == message);
}

TEST_CASE("GIDS takes a key in Windows' and in OpenSC's encoding", "[gids][crypto]") {
    GidsHost host;
    const test::RsaSample sample;
    const Bytes message = crypto::random_bytes(32);
    const Bytes cryptogram = public_operation(sample.n, pkcs1_block(message, modulus_bytes));
    std::uint8_t key = 0x81;
    for (const Integers form : {Integers::der, Integers::unsigned_and_stripped}) {
        host.create_key_file(key);
        REQUIRE(host.put_key(key, encode(sample, form)) == "9000");
        CHECK(host.decipher(0x47, key, cryptogram) == message);
        CHECK(host.card->key(key)->origin == card::KeyOrigin::imported);
        ++key;
    }
}

TEST_CASE("GIDS refuses keys whose parts do not belong together", "[gids][crypto]") {
    GidsHost host;
    host.create_key_file(0x81);
    test::RsaSample sample;
    const Bytes whole = encode(sample, Integers::der);
    CHECK(host.put_key(0x81, ByteView(whole).first(whole.size() - 1)) == "6a80");
    CHECK(host.put_key(0x81, {}) == "6a80");
    sample.qinv.back() ^= 0x01;
    CHECK(host.put_key(0x81, encode(sample, Integers::der)) == "6a80");
    sample.qinv.back() ^= 0x01;
    sample.n[100] ^= 0x01;
    CHECK(host.put_key(0x81, encode(sample, Integers::der)) == "6a80");
    CHECK_FALSE(host.card->key(0x81));
}

TEST_CASE("an RSA private key's numbers are unsigned", "[gids]") {
    const test::RsaSample sample;
    for (const Integers form : {Integers::der, Integers::unsigned_and_stripped}) {
        const auto key = gids::parse_private_key(encode(sample, form));
        REQUIRE(key);
        CHECK(key->algorithm == card::KeyAlgorithm::rsa2048);
        CHECK(key->modulus == sample.n);
        CHECK(equal(key->numbers[gids::ImportedKey::q_inverse].view(), sample.qinv));
    }
}
