// SPDX-License-Identifier: Apache-2.0
#include "base/key_value.hpp"

#include "tests/catch.hpp"

#include <stdexcept>

using namespace tpmvsc;

namespace {

std::string complaint(std::string_view text) {
    std::string why;
    return KeyValue::parse(text, &why) ? "" : why;
}

} // namespace

TEST_CASE("a record is read: blanks, comments, empty lines, missing last newline") {
    const auto record =
        KeyValue::parse("# head\n\n  a = 1 \n\tb=two words\t\nc = x = #y\nd =\ne=z");
    REQUIRE(record.has_value());
    CHECK(record->all().size() == 5);
    CHECK(record->text("a") == "1");
    CHECK(record->text("b") == "two words");
    CHECK(record->text("c") == "x = #y");
    CHECK(record->text("d") == "");
    CHECK(record->text("e") == "z");
    CHECK(record->has("d"));
    CHECK_FALSE(record->has("f"));
    CHECK(record->text("f") == std::nullopt);
    CHECK(KeyValue::parse("")->all().empty());
}

TEST_CASE("a malformed record is refused with its line") {
    CHECK(complaint("a = 1\nb\n") == "line 2: there is no '='");
    CHECK(complaint("= 1") == "line 1: there is no key before the '='");
    CHECK(complaint("\n\n  = 1\n") == "line 3: there is no key before the '='");
    CHECK(complaint("a = 1\n#\na = 1\n") == "line 3: its key has been given before");
    CHECK(complaint("a = \x01\n") == "line 1: it holds a control character");
    CHECK(complaint("a = b\tc\n") == "line 1: it holds a control character");
    CHECK(complaint("a = b\r\n") == "line 1: it holds a control character");
    CHECK(complaint("a\x7f = b\n") == "line 1: it holds a control character");
    CHECK(complaint(std::string_view("a = b\0c\n", 8)) == "line 1: it holds a control character");
    CHECK_FALSE(KeyValue::parse("x").has_value()); // without asking why
}

TEST_CASE("numbers and bytes are read strictly") {
    const auto record = KeyValue::parse("n = 18446744073709551615\nzero = 0\nh = 00fF\nempty =\n"
                                        "over = 18446744073709551616\nneg = -1\nplus = +1\n"
                                        "tail = 1x\nhex = 0x10\nodd = 123\ntext = zz\n");
    REQUIRE(record.has_value());
    CHECK(record->number("n") == UINT64_MAX);
    CHECK(record->number("zero") == 0u);
    for (const char* key : {"over", "neg", "plus", "tail", "hex", "empty", "none"})
        CHECK(record->number(key) == std::nullopt);
    CHECK(record->bytes("h") == Bytes{0x00, 0xff});
    CHECK(record->bytes("empty") == Bytes{});
    for (const char* key : {"odd", "text", "hex", "none"})
        CHECK(record->bytes(key) == std::nullopt);
}

TEST_CASE("what is written is read back") {
    KeyValue record;
    record.set("name", "M\xc3\xbcller = #1");
    record.set_bytes("id", Bytes{0xab, 0x01});
    record.set_number("slot", 3);
    record.set("gone", "x");
    record.erase("gone");
    record.set("name2", "");
    CHECK(record.write() == "id = ab01\nname = M\xc3\xbcller = #1\nname2 = \nslot = 3\n");
    const auto again = KeyValue::parse(record.write());
    REQUIRE(again.has_value());
    CHECK(again->all() == record.all());
    record.set("name", "other");
    CHECK(record.text("name") == "other");
}

TEST_CASE("unknown keys survive reading and writing") {
    auto record = KeyValue::parse("future = 7\nslot = 1\n");
    REQUIRE(record.has_value());
    record->set_number("slot", 2);
    CHECK(record->write() == "future = 7\nslot = 2\n");
}

TEST_CASE("what could not be read back is not taken") {
    KeyValue record;
    for (const char* value : {"two\nlines", "\ttab", "in\tside", " front", "back ", "\x7f", "\r"})
        CHECK_THROWS_AS(record.set("key", value), std::invalid_argument);
    for (const char* key : {"", "#key", " key", "key ", "a=b", "a\nb"})
        CHECK_THROWS_AS(record.set(key, "value"), std::invalid_argument);
    CHECK(record.all().empty());
}
