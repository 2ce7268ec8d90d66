// SPDX-License-Identifier: Apache-2.0
#include "base/crypto.hpp"

#include "tests/catch.hpp"
#include "tests/unit/base_unhex.hpp"

#include <algorithm>

using namespace tpmvsc;
using namespace tpmvsc::crypto;
using tpmvsc::test::unhex;

namespace {

// SP 800-38A appendix F: the plain text of all its examples.
const char* const plain_38a = "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51"
                              "30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710";
const char* const key_38a = "2b7e151628aed2a6abf7158809cf4f3c";
const char* const iv_38a = "000102030405060708090a0b0c0d0e0f";

Bytes exclusive_or(Bytes a, ByteView b) {
    for (std::size_t i = 0; i < b.size(); ++i)
        a[i] = static_cast<std::uint8_t>(a[i] ^ b[i]);
    return a;
}

} // namespace

TEST_CASE("AES-128-CFB gives the example of SP 800-38A F.3.13") {
    const Bytes cipher = unhex("3b3fd92eb72dad20333449f8e83cfb4a c8a64537a0b3a93fcde3cdad9f1ce58b"
                               "26751f67a3cbb140b1808cf187a4f4df c04b05357c5d1c0eeac4c66f9ff7f2e6");
    // Any length: a parameter of the TPM is seldom a whole number of blocks.
    for (std::size_t size : {0, 1, 15, 16, 17, 20, 33, 64}) {
        const Bytes plain_part = to_bytes(ByteView(unhex(plain_38a)).first(size));
        Bytes data = plain_part;
        aes128_cfb_encrypt(unhex(key_38a), unhex(iv_38a), data);
        CHECK(data == to_bytes(ByteView(cipher).first(size)));
        aes128_cfb_decrypt(unhex(key_38a), unhex(iv_38a), data);
        CHECK(data == plain_part);
    }
}

TEST_CASE("AES-128-CFB refuses keys and vectors of another size") {
    Bytes data(4, 0);
    CHECK_THROWS_AS(aes128_cfb_encrypt(Bytes(32), Bytes(16), data), CryptoError);
    CHECK_THROWS_AS(aes128_cfb_encrypt(Bytes(16), Bytes(12), data), CryptoError);
    CHECK_THROWS_AS(aes128_cfb_decrypt({}, {}, data), CryptoError);
}

TEST_CASE("GCM opens the 256-bit examples of the GCM specification") {
    // Test cases 13, 14 and 16; `sealed` is nonce, cipher text, tag.
    const auto case13 =
        gcm_open(Bytes(32), {}, concat({Bytes(12), unhex("530f8afbc74536b9a963b4f1c4cb738b")}));
    REQUIRE(case13.has_value());
    CHECK(case13->empty());

    const auto case14 = gcm_open(Bytes(32), {},
                                 concat({Bytes(12), unhex("cea7403d4d606b6e074ec5d3baf39d18"
                                                          "d0d1c8a799996bf0265b98b5d48ab919")}));
    REQUIRE(case14.has_value());
    CHECK(equal(case14->view(), Bytes(16)));

    const Bytes key16 = unhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    const Bytes associated16 = unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    const Bytes sealed16 = unhex("cafebabefacedbaddecaf888"
                                 "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                                 "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                                 "76fc6ece0f4e1768cddf8853bb2d551b");
    const auto case16 = gcm_open(key16, associated16, sealed16);
    REQUIRE(case16.has_value());
    CHECK(to_hex(case16->view()) ==
          "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
          "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
}

TEST_CASE("GCM opens what it sealed and nothing else") {
    const Bytes key(32, 0x11);
    const Bytes plain = to_bytes("contents");
    const Bytes sealed = gcm_seal(key, as_bytes("name"), plain);
    CHECK(sealed.size() == 12 + plain.size() + 16);
    const auto opened = gcm_open(key, as_bytes("name"), sealed);
    REQUIRE(opened.has_value());
    CHECK(equal(opened->view(), plain));
    CHECK_FALSE(gcm_open(key, as_bytes("nam"), sealed).has_value());
    CHECK_FALSE(gcm_open(key, {}, sealed).has_value());
    CHECK_FALSE(gcm_open(Bytes(32, 0x12), as_bytes("name"), sealed).has_value());
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        Bytes altered = sealed;
        altered[i] ^= 0x40;
        CHECK_FALSE(gcm_open(key, as_bytes("name"), altered).has_value());
        CHECK_FALSE(gcm_open(key, as_bytes("name"), ByteView(sealed).first(i)).has_value());
    }
    const Bytes nothing = gcm_seal(key, {}, {});
    CHECK(gcm_open(key, {}, nothing).has_value());
}

TEST_CASE("GCM never uses a nonce twice and refuses keys of another size") {
    const Bytes key(32, 1);
    const Bytes first = gcm_seal(key, {}, as_bytes("x"));
    const Bytes second = gcm_seal(key, {}, as_bytes("x"));
    CHECK_FALSE(std::equal(first.begin(), first.begin() + 12, second.begin()));
    CHECK_THROWS_AS(gcm_seal(Bytes(16), {}, {}), CryptoError);
    CHECK_THROWS_AS(gcm_open(Bytes(24), {}, first), CryptoError);
}

TEST_CASE("AES gives the block examples of FIPS 197") {
    const Bytes plain = unhex("00112233445566778899aabbccddeeff");
    const Bytes full_key =
        unhex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    const std::initializer_list<std::pair<std::size_t, const char*>> vectors = {
        {16, "69c4e0d86a7b0430d8cdb78070b4c55a"},
        {24, "dda97ca4864cdfe06eaf70a0ec0d7191"},
        {32, "8ea2b7ca516745bfeafc49904b496089"}};
    for (const auto& [size, cipher] : vectors) {
        const ByteView key = ByteView(full_key).first(size);
        CHECK(to_hex(block_encrypt(BlockCipher::aes, key, plain)) == cipher);
        CHECK(block_decrypt(BlockCipher::aes, key, unhex(cipher)) == plain);
    }
}

TEST_CASE("several AES blocks are CBC: SP 800-38A F.2.1") {
    // Our vector is zero; the example's is taken into its first block, which comes to the same.
    const Bytes plain = exclusive_or(unhex(plain_38a), unhex(iv_38a));
    const char* cipher = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
                         "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7";
    CHECK(to_hex(block_encrypt(BlockCipher::aes, unhex(key_38a), plain)) == cipher);
    CHECK(block_decrypt(BlockCipher::aes, unhex(key_38a), unhex(cipher)) == plain);
}

TEST_CASE("triple DES gives the blocks of SP 800-67 B.1, and chains several") {
    const Bytes key = unhex("0123456789abcdef 23456789abcdef01 456789abcdef0123");
    const Bytes plain = to_bytes("The qufck brown fox jump");
    const Bytes cipher = unhex("a826fd8ce53b855f cce21c8112256fe6 68d5c05dd9b6b900");
    Bytes chained;
    Bytes previous(8, 0);
    for (std::size_t start = 0; start < plain.size(); start += 8) {
        const ByteView block = ByteView(plain).subspan(start, 8);
        const Bytes expected = to_bytes(ByteView(cipher).subspan(start, 8));
        CHECK(block_encrypt(BlockCipher::tdes, key, block) == expected);
        CHECK(block_decrypt(BlockCipher::tdes, key, expected) == to_bytes(block));
        previous = block_encrypt(BlockCipher::tdes, key, exclusive_or(to_bytes(block), previous));
        append(chained, previous);
    }
    CHECK(block_encrypt(BlockCipher::tdes, key, plain) == chained);
    CHECK(block_decrypt(BlockCipher::tdes, key, chained) == plain);
}

TEST_CASE("block ciphers refuse keys and data of another size") {
    for (std::size_t size : {0, 8, 16, 23, 32})
        CHECK_THROWS_AS(block_encrypt(BlockCipher::tdes, Bytes(size), Bytes(8)), CryptoError);
    for (std::size_t size : {0, 15, 31, 33})
        CHECK_THROWS_AS(block_decrypt(BlockCipher::aes, Bytes(size), Bytes(16)), CryptoError);
    CHECK_THROWS_AS(block_encrypt(BlockCipher::tdes, Bytes(24, 1), Bytes(9)), CryptoError);
    CHECK_THROWS_AS(block_decrypt(BlockCipher::aes, Bytes(16), Bytes(8)), CryptoError);
    CHECK(block_encrypt(BlockCipher::aes, Bytes(16), {}).empty());
}

TEST_CASE("each weak and semi-weak DES key is found, wherever it stands") {
    // SP 800-67 section 3.3.2.
    const std::initializer_list<const char*> weak = {
        "0101010101010101", "fefefefefefefefe", "e0e0e0e0f1f1f1f1", "1f1f1f1f0e0e0e0e",
        "011f011f010e010e", "1f011f010e010e01", "01e001e001f101f1", "e001e001f101f101",
        "01fe01fe01fe01fe", "fe01fe01fe01fe01", "1fe01fe00ef10ef1", "e01fe01ff10ef10e",
        "1ffe1ffe0efe0efe", "fe1ffe1ffe0efe0e", "e0fee0fef1fef1fe", "fee0fee0fef1fef1"};
    const Bytes sound = unhex("0123456789abcdef");
    for (const char* text : weak) {
        const Bytes key = unhex(text);
        Bytes other_parity = key;
        for (std::uint8_t& byte : other_parity)
            byte ^= 1;
        for (const Bytes& part : {key, other_parity}) {
            CHECK(has_weak_des_key(concat({part, sound, sound})));
            CHECK(has_weak_des_key(concat({sound, part, sound})));
            CHECK(has_weak_des_key(concat({sound, sound, part})));
        }
    }
    CHECK_FALSE(has_weak_des_key(concat({sound, sound, sound})));
    const Bytes well_known = unhex("0102030405060708");
    CHECK_FALSE(has_weak_des_key(concat({well_known, well_known, well_known})));
    CHECK_THROWS_AS(has_weak_des_key(sound), CryptoError);
}
