// SPDX-License-Identifier: Apache-2.0
#include "base/tlv.hpp"

#include "tests/catch.hpp"
#include "tests/unit/apdu_support.hpp"

using namespace tpmvsc;
using test::hex;

TEST_CASE("a row of objects is read in order", "[apdu][tlv]") {
    const Bytes bytes = hex("5C 03 5FC105 7F49 02 8100 5FC102 00");
    TlvReader reader(bytes);
    auto object = reader.next();
    REQUIRE(object);
    CHECK(object->tag == 0x5C);
    CHECK(to_bytes(object->value) == hex("5FC105"));
    object = reader.next();
    REQUIRE(object);
    CHECK(object->tag == 0x7F49);
    object = reader.next();
    REQUIRE(object);
    CHECK(object->tag == 0x5FC102);
    CHECK(object->value.empty());
    CHECK(reader.at_end());
    CHECK_FALSE(reader.next());
    CHECK_FALSE(reader.failed());
}

TEST_CASE("lengths of one to four bytes, minimal or not", "[apdu][tlv]") {
    for (const char* bytes : {"53 01 AA", "53 81 01 AA", "53 82 00 01 AA", "53 83 00 00 01 AA",
                              "53 84 00 00 00 01 AA"}) {
        const Bytes row = hex(bytes);
        const auto objects = parse_all(row);
        REQUIRE(objects);
        REQUIRE(objects->size() == 1);
        CHECK(to_bytes(objects->front().value) == hex("AA"));
    }
}

TEST_CASE("what is no whole object fails", "[apdu][tlv]") {
    const auto bytes =
        GENERATE("53", "5F", "5FC1", "5FC181", "5FC1818105", // tag
                 "53 80", "53 81", "53 82 00", "53 85 00 00 00 00 00", "53 FF", "53 02 AA",
                 "53 81 02 AA", "53 84 FF FF FF FF AA", "53 01 AA 53", "53 01 AA 53 01");
    const Bytes row = hex(bytes);
    CHECK_FALSE(parse_all(row));
    TlvReader reader(row);
    while (reader.next()) {
    }
    CHECK(reader.failed());
    CHECK_FALSE(reader.next());
    CHECK_FALSE(TlvReader(row).find(0x53));
}

TEST_CASE("an empty row is well formed", "[apdu][tlv]") {
    const auto objects = parse_all({});
    REQUIRE(objects);
    CHECK(objects->empty());
}

TEST_CASE("find takes the first and does not move", "[apdu][tlv]") {
    const Bytes row = hex("81 01 01 82 01 02 81 01 03");
    const TlvReader reader(row);
    const auto found = reader.find(0x81);
    REQUIRE(found);
    CHECK(to_bytes(found->value) == hex("01"));
    CHECK(reader.rest().size() == row.size());
    CHECK_FALSE(reader.find(0x83));
    CHECK(has_duplicates(*parse_all(row)));
    CHECK_FALSE(has_duplicates(*parse_all(hex("81008200"))));
}

TEST_CASE("the writer nests templates and writes minimal lengths", "[apdu][tlv]") {
    TlvWriter writer;
    writer.open(0x7F49).add(0x81, hex("0102")).open(0xAC).add(0x06, hex("00")).close().close();
    CHECK(writer.take() == hex("7F49 09 81 02 0102 AC 03 06 01 00"));
    CHECK(writer.take().empty());
}

TEST_CASE("what was written is read back", "[apdu][tlv]") {
    const std::size_t size = GENERATE(0u, 1u, 127u, 128u, 255u, 256u, 12710u, 65535u, 65536u);
    const std::uint32_t tag = GENERATE(0x53u, 0x7F61u, 0x5FC108u);
    const Bytes value(size, 0xA5);
    TlvWriter writer;
    const Bytes row = writer.add(tag, value).raw(hex("FE00")).take();
    const auto objects = parse_all(row);
    REQUIRE(objects);
    REQUIRE(objects->size() == 2);
    CHECK(objects->front().tag == tag);
    CHECK(to_bytes(objects->front().value) == value);
}

TEST_CASE("a writer that is misused says so", "[apdu][tlv]") {
    TlvWriter writer;
    CHECK_THROWS_AS(writer.close(), std::logic_error);
    writer.open(0x7C);
    CHECK_THROWS_AS(writer.take(), std::logic_error);
}
