// SPDX-License-Identifier: Apache-2.0
#include "apdu/make_card_edge.hpp"
#include "base/crypto.hpp"
#include "base/tlv.hpp"
#include "card/identity_file.hpp"
#include "card/records.hpp"
#include "tests/catch.hpp"
#include "tests/scenarios/memory_image.hpp"
#include "tests/tpm/card_fixture.hpp"
#include "tests/tpm/rsa_sample.hpp"
#include "tpm/connection.hpp"
#include "tpm/objects.hpp"

// A memory image of this program, taken after a secret went through the whole card, must not hold
// it: not on the heap, not on the stack, not in anybody's buffer.

using namespace tpmvsc;
using test::MemoryWatch;
using test::Veiled;

namespace {

// An RSA-2048 key and its modulus.
constexpr const char* rsa_p = "fc295a0ef18fb32f0c070d1d90e74f631f714ced055881e5f47a01c8d41b074ae768"
                              "9a8b585a69ae3cfc367b1886afcb"
                              "55e9e6236657edf1d3932267d6d23a9f72f2a5b3ac8a8656edbae10d19e419ae2f4e"
                              "aae2070ac7ce6f226f8ed1509516"
                              "483d02c863df366e541eb723f927c81bd2b6e27ec7add1765b56bbb47b4beebd";
constexpr const char* rsa_q = "ec3954d1cf2cc1325e11f046cf5923a3bf4db7781e4ec297aeea399fd4a993f6363c"
                              "bb2d599fc61b439352a7ac80fd7d"
                              "e201ad402b225390317303148c524778e978e648b749f761a413183d5f21ceb334ce"
                              "928b32c262575f67feed74b96648"
                              "125f6f0de301abb6420f1cb724682d3230e41075b234d6ec71d437e3c217e62f";
constexpr const char* rsa_dp = "3ebe3f55668fde02ffd825504d04f140f5cae85c35af4f2b1bc8dbf6cfa82609624"
                               "929e33049d6efeee6c6db9c3faf30"
                               "46215c0d44e2ee26f50130576c21854ab57c60f4b32308c84a80ec8ca8fb93d43e9"
                               "b3173ea52a962d94e5539d1255ee3"
                               "5b782ae017d1aba68a31d65a121deef1d55d82400f89558c40aff526b4633175";
constexpr const char* rsa_dq = "49d72a0263a673c5d0cdfeb3c3c0f3790e25b7021f473360c2d688a8c38b36ab320"
                               "d0ddd81348672a34efbf959dd0060"
                               "47338afa92012ae9d9eb3fbd3e97c1abb41f8cac924ed6bb78d4573167f96369754"
                               "a555899c75582465a75bfb84af403"
                               "f76a4986a7bd2ff5caf47a5f6d4bfb44c32fa74d83252d41bfdb3c953f68c515";
constexpr const char* rsa_qinv = "a3276a66addb00eff8c4fecb0ca3694b4ff5671b9b52d0037cd242813e5e41345"
                                 "50edeaed622573f1154e064ab7889bb"
                                 "c8cfe277e95ba2ac09e74ff5e941a6213bf453632fd7b5f71df85fefc83f1341c"
                                 "79b856e942af422f06a2542092e3ac5"
                                 "5d1f31ce4500954c1ffeacfa2d0831b1eaf1a1ae5b6df518e50379e86ad0b3a3";
constexpr const char* rsa_n = "e8ae97c70f6534defb33531fa5dbd3a25ce108827dbd11f9df89f3ea14b7f0f56eb6"
                              "a4e1dbcf79e777d72601c98ac30a"
                              "8878be2afe4704264239f4119130497c414561a8c775300b77f7a7c942845b131d9c"
                              "20ba3d036c0386b7af8dab5563f5"
                              "545bb9b25bc039b7955b94ed53fb99f33bc578518688f7b77f7bdf62a777a166ddfe"
                              "24b5f57ab3f22e53c983db8203f8"
                              "1ddf05100abb8fdb00438836955f481f3585e4a1b15969ff2bbcbb0fa15238c7255d"
                              "401ac2a85613784ad65b675c170f"
                              "fa8e5aaae4fe92121e887ec7076cd5a9e89486370991da9ce2aa3c50a65d2f2219ca"
                              "8e27c5e23eae44328a7a9bec484e"
                              "0372e9871e08a4da1a5a883d8869a2b3";

Bytes bytes_of(const char* digits) {
    return *from_hex(digits);
}

/// A host at the card, which keeps nothing of what it sends.
struct Host : CardFixture {
    Host() : edge(apdu::make_card_edge(*card)) {}
    ~Host() {
        edge.reset();
        tpm.close();
        card.reset();
    }

    /// Sends header, Lc and data and gives the status word.
    std::string status(Bytes header, ByteView data) {
        header.push_back(static_cast<std::uint8_t>(data.size()));
        append(header, data);
        return to_hex(ByteView(edge->transmit(header)).last(2));
    }
    std::string status(const Bytes& header, std::initializer_list<const Veiled*> parts) {
        Bytes data;
        for (const Veiled* part : parts)
            append(data, part->unveil());
        return status(header, data);
    }

    /// Sends in chained blocks and gives the whole answer behind one or more GET RESPONSE, veiled.
    Veiled chain(Bytes header, ByteView data) {
        constexpr std::size_t block = 200;
        for (; data.size() > block; data = data.subspan(block)) {
            Bytes chained = header;
            chained[0] |= 0x10;
            REQUIRE(status(chained, data.first(block)) == "9000");
        }
        header.push_back(static_cast<std::uint8_t>(data.size()));
        append(header, data);
        header.push_back(0);
        Bytes whole;
        Bytes part = edge->transmit(header);
        while (part[part.size() - 2] == 0x61) {
            append(whole, ByteView(part).first(part.size() - 2));
            part = edge->transmit(Bytes{0x00, 0xC0, 0x00, 0x00, 0x00});
        }
        append(whole, part);
        return Veiled(whole);
    }

    void become_administrator(ByteView key) {
        const Veiled witness = chain({0x00, 0x87, 0x03, 0x9B}, Bytes{0x7C, 0x02, 0x80, 0x00});
        const Bytes block = to_bytes(ByteView(witness.unveil()).subspan(4, 8));
        const Bytes plain = crypto::block_decrypt(crypto::BlockCipher::tdes, key, block);
        TlvWriter writer;
        writer.open(0x7C).add(0x80, plain).add(0x81, Bytes(8)).close();
        REQUIRE(status({0x00, 0x87, 0x03, 0x9B}, writer.take()) == "9000");
    }
    void become_administrator() {
        become_administrator(card::default_admin_key(card::AdminAlgorithm::tdes));
    }
    void verify() { REQUIRE(status({0x00, 0x20, 0x00, 0x80}, {&old_pin}) == "9000"); }

    /// GENERAL AUTHENTICATE; gives the value of the answer's tag 82.
    Veiled use(std::uint8_t slot, std::uint8_t algorithm, std::uint8_t tag, ByteView input) {
        TlvWriter writer;
        writer.open(0x7C).add(0x82, {}).add(tag, input).close();
        const Bytes answer = chain({0x00, 0x87, algorithm, slot}, writer.take()).unveil();
        REQUIRE(to_hex(ByteView(answer).last(2)) == "9000");
        const auto outer = TlvReader(ByteView(answer).first(answer.size() - 2)).find(0x7C);
        REQUIRE(outer);
        return Veiled(TlvReader(outer->value).find(0x82)->value);
    }

    /// What the TPM holds of a PIN or PUK.
    Veiled auth_value(ByteView pin) {
        const card::Folder files(folder);
        const auto identity = card::IdentityFile::read(files);
        const tpm::Parent parent{identity.anchor.parent_handle, identity.anchor.parent_public,
                                 identity.anchor.parent_name};
        const tpm::KeyBlob sealed{identity.anchor.card_key_public,
                                  identity.anchor.card_key_private};
        SecretBytes card_key;
        tpm.run([&](tpm::Connection& connection) {
            card_key = tpm::unseal(connection, {parent, sealed, tpm::object_name(sealed)});
        });
        const card::SealedFiles sealed_files(files, std::move(card_key), identity.binding);
        const Bytes salt = card::PinRecord::read(sealed_files).salt;
        return Veiled(crypto::sha256_secret({salt, pin}).view());
    }

    const Veiled old_pin{as_bytes("123456\xFF\xFF")};
    const Veiled old_puk{as_bytes("12345678")};
    std::unique_ptr<apdu::CardEdge> edge;
};

Bytes rsa_key_data() {
    return TlvWriter()
        .add(0x01, bytes_of(rsa_p))
        .add(0x02, bytes_of(rsa_q))
        .add(0x03, bytes_of(rsa_dp))
        .add(0x04, bytes_of(rsa_dq))
        .add(0x05, bytes_of(rsa_qinv))
        .take();
}

} // namespace

TEST_CASE("the watch finds what is in memory and what was freed", "[wipe]") {
    const Veiled secret(crypto::random_bytes(40));
    MemoryWatch watch;
    watch.look_for("secret", secret.unveil());
    CHECK(watch.findings() == "");
    SECTION("whole") {
        const Bytes plain = secret.unveil();
        CHECK(watch.findings() != "");
    }
    SECTION("in part, on the stack") {
        std::array<std::uint8_t, 16> part{};
        const Bytes plain = secret.unveil();
        std::copy_n(plain.begin() + 16, part.size(), part.begin());
        CHECK(watch.findings().find("[stack]") != std::string::npos);
        wipe(part);
    }
    SECTION("freed as it was") {
        {
            const Bytes plain = secret.unveil();
            const std::vector<std::uint8_t> copy(plain.begin(), plain.end());
        }
        CHECK(watch.findings().substr(0, 14) == "secret: freed\n");
    }
    SECTION("freed as Bytes, which are wiped") {
        {
            Bytes plain = secret.unveil();
            plain.resize(100); // moves
            plain.shrink_to_fit();
            plain.resize(8);
        }
        CHECK(watch.findings() == "");
    }
}

TEST_CASE("a memory image holds neither PIN nor PUK, nor their authorisation values",
          "[piv][wipe]") {
    Host host;
    const Veiled new_pin(as_bytes("80257391"));
    const Veiled new_puk(as_bytes("46139872"));
    const Veiled wrong_pin(as_bytes("93175208"));
    std::vector<Veiled> values;
    for (const Veiled* value : {&new_pin, &new_puk, &wrong_pin})
        values.push_back(host.auth_value(value->unveil()));
    values.push_back(host.auth_value(as_bytes("123456")));
    values.push_back(host.auth_value(as_bytes("12345678")));
    MemoryWatch watch;
    watch.look_for("new PIN", new_pin.unveil());
    watch.look_for("new PUK", new_puk.unveil());
    watch.look_for("wrong PIN", wrong_pin.unveil());
    for (const Veiled& value : values)
        watch.look_for("authorisation value", value.unveil());
    REQUIRE(watch.findings() == "");

    CHECK(host.status({0x00, 0x24, 0x00, 0x81}, {&host.old_puk, &new_puk}) == "9000");
    CHECK(host.status({0x00, 0x24, 0x00, 0x80}, {&host.old_pin, &new_pin}) == "9000");
    CHECK(host.status({0x00, 0x20, 0x00, 0x80}, {&new_pin}) == "9000");
    CHECK(host.status({0x00, 0x20, 0x00, 0x80}, {&wrong_pin}) == "63c2");
    CHECK(host.status({0x0C, 0x20, 0x00, 0x80}, {&new_pin}) == "6882");
    CHECK(host.status({0x00, 0x2C, 0x00, 0x80}, {&new_puk, &new_pin}) == "9000");
    CHECK(host.status({0x00, 0x20, 0x00, 0x80}, {&new_pin}) == "9000");
    CHECK(watch.findings() == "");

    // A fault in the middle: the same commands with the TPM gone.
    host.swtpm.stop();
    CHECK(host.status({0x00, 0x20, 0x00, 0x80}, {&new_pin}) == "6f00");
    CHECK(host.status({0x00, 0x24, 0x00, 0x80}, {&new_pin, &wrong_pin}) == "6f00");
    CHECK(host.status({0x00, 0x2C, 0x00, 0x80}, {&new_puk, &new_pin}) == "6f00");
    CHECK(watch.findings() == "");
}

TEST_CASE("nor an imported RSA key, nor what it decrypted", "[piv][wipe]") {
    Host host;
    host.become_administrator();
    const Veiled plain([] {
        Bytes block = crypto::random_bytes(256);
        block[0] = 0;
        return block;
    }());
    const Bytes sealed = test::rsa_power(plain.unveil(), 65537, bytes_of(rsa_n));
    MemoryWatch watch;
    for (const char* part : {rsa_p, rsa_q, rsa_dp, rsa_dq, rsa_qinv})
        watch.look_for_number("a part of the key", bytes_of(part));
    watch.look_for("decrypted text", plain.unveil());
    REQUIRE(watch.findings() == "");

    CHECK(host.chain({0x00, 0xFE, 0x07, 0x9D}, rsa_key_data()).unveil() == Bytes{0x90, 0x00});
    CHECK(watch.findings() == "");
    {
        Bytes altered = rsa_key_data();
        altered.back() ^= 1;
        CHECK(host.chain({0x00, 0xFE, 0x07, 0x9A}, altered).unveil() == Bytes{0x6A, 0x80});
    }
    CHECK(watch.findings() == "");
    host.verify();
    CHECK(host.use(0x9D, 0x07, 0x81, sealed).unveil() == plain.unveil());
    CHECK(watch.findings() == "");
}

TEST_CASE("nor an imported scalar, nor the secret that it agreed on", "[piv][wipe]") {
    Host host;
    host.become_administrator();
    const Veiled scalar(
        bytes_of("1d7c4a90b3e1526fa8c35b0d94e7f2186a3bc59e70d2418fb6e02c95731fd84a"));
    const auto peer = crypto::EcKeyPair::generate(crypto::Curve::p256);
    MemoryWatch watch;
    watch.look_for_number("scalar", scalar.unveil());
    REQUIRE(watch.findings() == "");
    CHECK(host.chain({0x00, 0xFE, 0x11, 0x9D}, TlvWriter().add(0x06, scalar.unveil()).take())
              .unveil() == Bytes{0x90, 0x00});
    CHECK(watch.findings() == "");
    const auto key = host.card->key(0x9D);
    REQUIRE(key);
    const Veiled shared(peer.agree(key->public_key.point)->view());
    watch.look_for_number("shared secret", shared.unveil());
    REQUIRE(watch.findings() == "");
    host.verify();
    CHECK(host.use(0x9D, 0x11, 0x85, peer.point()).unveil() == shared.unveil());
    CHECK(watch.findings() == "");
}

TEST_CASE("nor a new management key, once nobody is logged in with it", "[piv][wipe]") {
    Host host;
    host.become_administrator();
    const Veiled key(bytes_of("8f3b1c6d20e97a54c81e5f07b392d64a7c05e8b13f9462da"));
    MemoryWatch watch;
    watch.look_for("management key", key.unveil());
    REQUIRE(watch.findings() == "");
    const Veiled head(Bytes{0x03, 0x9B, 0x18});
    CHECK(host.status({0x00, 0xFF, 0xFF, 0xFF}, {&head, &key}) == "9000");
    CHECK(watch.findings() == "");
    host.edge->reset();
    host.become_administrator(key.unveil());
    host.edge->reset();
    CHECK(watch.findings() == "");
}

TEST_CASE("nor a data object that wants the PIN", "[piv][wipe]") {
    Host host;
    host.become_administrator();
    const Veiled contents(crypto::random_bytes(600));
    MemoryWatch watch;
    watch.look_for("contents", contents.unveil());
    REQUIRE(watch.findings() == "");
    const Bytes tag{0x5C, 0x03, 0x5F, 0xC1, 0x09};
    CHECK(host.chain({0x00, 0xDB, 0x3F, 0xFF},
                     concat({tag, TlvWriter().add(0x53, contents.unveil()).take()}))
              .unveil() == Bytes{0x90, 0x00});
    CHECK(watch.findings() == "");
    host.verify();
    const Veiled answer = host.chain({0x00, 0xCB, 0x3F, 0xFF}, tag);
    CHECK(equal(ByteView(answer.unveil()).subspan(4, 600), contents.unveil()));
    CHECK(watch.findings() == "");
}
