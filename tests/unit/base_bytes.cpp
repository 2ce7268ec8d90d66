// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.hpp"

#include "tests/catch.hpp"

#include <stdexcept>

using namespace tpmvsc;

TEST_CASE("bytes are copied, viewed and joined") {
    CHECK(to_bytes(std::string_view("ab\0c", 4)) == Bytes{'a', 'b', 0, 'c'});
    const Bytes source{1, 2, 3};
    CHECK(to_bytes(ByteView(source)) == source);
    CHECK(as_bytes("\xff")[0] == 0xff);
    CHECK(concat({source, {}, as_bytes("x")}) == Bytes{1, 2, 3, 'x'});
    CHECK(concat({}).empty());
    Bytes target{9};
    append(target, source);
    append(target, {});
    CHECK(target == Bytes{9, 1, 2, 3});
}

TEST_CASE("numbers are written and read in network order") {
    CHECK(big_endian16(0x1234) == Bytes{0x12, 0x34});
    CHECK(big_endian16(0xfffe) == Bytes{0xff, 0xfe});
    CHECK(big_endian32(0x80000001) == Bytes{0x80, 0, 0, 1});
    CHECK(read_big_endian({}) == 0);
    CHECK(read_big_endian(Bytes{0x81}) == 0x81);
    CHECK(read_big_endian(Bytes{0x12, 0x34, 0x56}) == 0x123456);
    CHECK(read_big_endian(Bytes(8, 0xff)) == UINT64_MAX);
    CHECK_THROWS_AS(read_big_endian(Bytes(9, 0)), std::invalid_argument);
}

TEST_CASE("both comparisons see every difference") {
    for (auto* compare : {&equal, &equal_secret}) {
        const Bytes a{1, 2, 3};
        CHECK(compare(a, Bytes{1, 2, 3}));
        CHECK(compare({}, {}));
        CHECK_FALSE(compare(a, Bytes{1, 2}));
        CHECK_FALSE(compare(a, Bytes{1, 2, 3, 0}));
        CHECK_FALSE(compare({}, a));
        for (std::size_t i = 0; i < a.size(); ++i) {
            for (int bit = 0; bit < 8; ++bit) {
                Bytes b = a;
                b[i] = static_cast<std::uint8_t>(b[i] ^ (1 << bit));
                CHECK_FALSE(compare(a, b));
            }
        }
    }
}

TEST_CASE("left_pad brings a number to its size and loses no value") {
    CHECK(left_pad(Bytes{1, 2}, 4) == Bytes{0, 0, 1, 2});
    CHECK(left_pad(Bytes{1, 2}, 2) == Bytes{1, 2});
    CHECK(left_pad({}, 2) == Bytes{0, 0});
    CHECK(left_pad(Bytes{0, 0, 1, 2}, 2) == Bytes{1, 2});
    CHECK(left_pad(Bytes{0}, 0).empty());
    CHECK_THROWS_AS(left_pad(Bytes{1, 0, 2}, 2), std::invalid_argument);
    CHECK_THROWS_AS(left_pad(Bytes{1}, 0), std::invalid_argument);
}

TEST_CASE("hexadecimal goes out in lower case and comes in in either") {
    CHECK(to_hex(Bytes{0x00, 0x9a, 0xff}) == "009aff");
    CHECK(to_hex({}).empty());
    CHECK(from_hex("009aFf") == Bytes{0x00, 0x9a, 0xff});
    CHECK(from_hex("") == Bytes{});
    for (const char* bad : {"0", "00 ", "0g", "g0", "0x", "-1", "/0", ":0", "@0", "`0", " 0"})
        CHECK_FALSE(from_hex(bad).has_value());
    for (int value = 0; value < 256; ++value) {
        const Bytes byte{static_cast<std::uint8_t>(value)};
        CHECK(from_hex(to_hex(byte)) == byte);
    }
}
