// SPDX-License-Identifier: Apache-2.0
#include "base/derived_admin_key.hpp"
#include "base/hkdf.hpp"

#include "tests/catch.hpp"
#include "tests/unit/base_unhex.hpp"

#include <stdexcept>
#include <string>

using namespace tpmvsc;
using test::unhex;

namespace {

const std::string strong = "0123456789abcdeffedcba98765432100f1e2d3c4b5a6978";
const std::string weak = "0123456789abcdef0101010101010101fedcba9876543210";

Bytes counting(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(i);
    return bytes;
}

std::string derived(std::string_view cipher, ByteView master, ByteView id) {
    return to_hex(derive_admin_key(master, *find_admin_cipher(cipher), id).view());
}

} // namespace

TEST_CASE("HKDF gives the values of RFC 5869, appendix A") {
    CHECK(to_hex(crypto::hkdf_sha256(Bytes(22, 0x0b), unhex("000102030405060708090a0b0c"),
                                     unhex("f0f1f2f3f4f5f6f7f8f9"), 42)
                     .view()) ==
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    CHECK(to_hex(crypto::hkdf_sha256(Bytes(22, 0x0b), {}, {}, 42).view()) ==
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
    Bytes secret = counting(80);
    Bytes salt(80);
    Bytes info(80);
    for (std::size_t i = 0; i < 80; ++i) {
        salt[i] = static_cast<std::uint8_t>(0x60 + i);
        info[i] = static_cast<std::uint8_t>(0xb0 + i);
    }
    CHECK(to_hex(crypto::hkdf_sha256(secret, salt, info, 82).view()) ==
          "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
          "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
          "cc30c58179ec3e87c14c01d5c1f3434f1d87");
    CHECK(crypto::hkdf_sha256(secret, salt, info, 255 * 32).size() == 255 * 32);
    CHECK_THROWS_AS(crypto::hkdf_sha256(secret, salt, info, 255 * 32 + 1), crypto::CryptoError);
}

// The expected keys were computed by other implementations: "openssl kdf", and Python's hmac.
TEST_CASE("an admin key is derived from the master secret, its cipher and the card's id") {
    const Bytes master = counting(32);
    const Bytes id = unhex("00112233445566778899aabbccddeeff");
    CHECK(derived("tdes", master, id) == "62ae9bc21ac4b51a805e16618fa26754f1d9a857d38fc4a1");
    CHECK(derived("aes128", master, id) == "ee5a08b6075528bd21f9cce273ce401d");
    CHECK(derived("aes192", master, id) == "d530dcfdcb22054a890271663e89f23ba38e1d62e205ea47");
    CHECK(derived("aes256", master, id) ==
          "72a0a0144c4ad06ebd738f55d2bf21480db44c82011b14820aac2ac32d0849bb");
    Bytes other = id;
    other[15] ^= 1;
    CHECK(derived("aes128", master, other) != derived("aes128", master, id));
    CHECK_THROWS_AS(derived("aes128", counting(31), id), std::invalid_argument);
    CHECK_THROWS_AS(derived("aes128", master, counting(15)), std::invalid_argument);
}

TEST_CASE("a derived triple DES key has odd parity and no weak part") {
    CHECK(to_hex(first_strong_key(unhex(strong)).view()) ==
          "0123456789abcdeffedcba98765432100e1f2c3d4a5b6879");
    CHECK(to_hex(first_strong_key(unhex(weak + strong)).view()) ==
          "0123456789abcdeffedcba98765432100e1f2c3d4a5b6879");
    CHECK(first_strong_key(unhex(weak)).empty());
    CHECK(first_strong_key(unhex(weak + strong.substr(2))).empty());
}

TEST_CASE("ciphers are found by name and by the kind of challenge") {
    for (const char* name : {"tdes", "aes128", "aes192", "aes256"}) {
        const AdminCipher* cipher = find_admin_cipher(name);
        REQUIRE(cipher != nullptr);
        CHECK(find_admin_cipher(cipher->kind) == cipher);
    }
    CHECK(find_admin_cipher("des") == nullptr);
    CHECK(find_admin_cipher(ResetKind::authority) == nullptr);
}

// Computed by openssl's enc from the first bytes of SHA-256("tpmvsc PIN reset " 00000001
// challenge).
TEST_CASE("an answer is the challenge's digest under the admin key") {
    const Bytes block = unhex("00112233445566778899aabbccddeeff");
    CHECK(answer_challenge({ResetKind::admin_aes128, 1, block}, counting(16)).answer ==
          unhex("a218b2d0dd88a1a2913d52c385ba32aa"));
    CHECK(answer_challenge({ResetKind::admin_aes192, 1, block}, counting(24)).answer ==
          unhex("a534195b923731a5b3fdb4da8c65ea8c"));
    const auto aes256 = answer_challenge({ResetKind::admin_aes256, 1, block}, counting(32));
    CHECK(aes256.answer == unhex("89928e91b2ea58e4f0f789f18cb6d8f7"));
    CHECK(aes256.kind == ResetKind::admin_aes256);
    const ResetChallenge tdes{ResetKind::admin_tdes, 1, to_bytes("Now is t")};
    CHECK(
        answer_challenge(tdes, unhex("0123456789abcdef0123456789abcdef0123456789abcdef")).answer ==
        unhex("f6ca4a5b5895fa23"));
    CHECK_THROWS_AS(answer_challenge(tdes, counting(16)), std::invalid_argument);
    CHECK_THROWS_AS(answer_challenge({ResetKind::authority, 1, block}, counting(16)),
                    std::invalid_argument);
}
