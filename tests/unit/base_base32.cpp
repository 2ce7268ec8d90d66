// SPDX-License-Identifier: Apache-2.0
#include "base/base32.hpp"

#include "tests/catch.hpp"

#include <stdexcept>

using namespace tpmvsc;

TEST_CASE("bytes are written in groups of four characters") {
    CHECK(to_base32({}).empty());
    CHECK(to_base32(as_bytes("hello")) == "D1JP-RV3F");
    CHECK(to_base32(concat({Bytes(5, 0xFF), Bytes(5, 0)})) == "ZZZZ-ZZZZ-0000-0000");
    CHECK_THROWS_AS(to_base32(Bytes(4)), std::invalid_argument);
}

TEST_CASE("each value of five bits has its character, and comes back") {
    Bytes all;
    for (unsigned first = 0; first < 256; first += 5)
        for (unsigned i = 0; i < 5; ++i)
            all.push_back(static_cast<std::uint8_t>(first + i));
    CHECK(from_base32(to_base32(all)) == all);
}

TEST_CASE("what people type is read kindly") {
    const Bytes hello = to_bytes("hello");
    CHECK(from_base32("d1jp-rv3f") == hello);
    CHECK(from_base32(" DIJP rv\t3f\r\n") == hello);
    CHECK(from_base32("-dL-jPRV3-f") == hello);
    CHECK(from_base32("oOoO0000") == Bytes(5, 0));
    CHECK(from_base32("") == Bytes{});
    CHECK(from_base32(" - ") == Bytes{});
}

TEST_CASE("what is no base 32 is not read") {
    CHECK_FALSE(from_base32("D1JP-RV3"));
    CHECK_FALSE(from_base32("D1JP-RV3F-0"));
    CHECK_FALSE(from_base32("D1JP-RV3U"));
    CHECK_FALSE(from_base32("D1JP_RV3F"));
    CHECK_FALSE(from_base32("D1JP-RV3\xC3"));
}
