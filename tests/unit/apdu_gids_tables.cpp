// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/algorithms.hpp"
#include "apdu/gids/file_control.hpp"
#include "apdu/gids/file_table.hpp"
#include "tests/catch.hpp"
#include "tests/unit/apdu_support.hpp"

using namespace tpmvsc;
using namespace tpmvsc::gids;
using test::hex;

namespace {

constexpr SecurityStatus nobody{false, false};
constexpr SecurityStatus by_pin{true, false};
constexpr SecurityStatus by_admin_key{false, true};
constexpr SecurityStatus by_both{true, true};

FileControl parsed(const std::string& text) {
    auto file = parse_file_control(hex(text));
    REQUIRE(std::holds_alternative<FileControl>(file));
    return std::get<FileControl>(std::move(file));
}

} // namespace

TEST_CASE("security condition bytes, ISO 7816-4 table 19", "[gids]") {
    struct Row {
        Condition condition;
        bool nobody, user, administrator, both;
    };
    const Row row = GENERATE(Row{0x00, true, true, true, true},     // always
                             Row{0xFF, false, false, false, false}, // never
                             Row{0x10, false, true, false, true},   // user
                             Row{0x11, false, true, false, true},   // by contacts
                             Row{0x12, false, false, false, false}, // without contacts
                             Row{0x20, false, false, true, true},   // administrator
                             Row{0x30, false, true, true, true},    // either
                             Row{0xB0, false, false, false, true},  // both
                             Row{0x90, false, true, false, true},   // all of one
                             Row{0x40, false, false, false, false}, // secure messaging
                             Row{0x50, false, true, false, true},   // or the user
                             Row{0xD0, false, false, false, false}, // and the user
                             Row{0x80, false, false, false, false}, // all of nothing
                             Row{0x01, false, false, false, false});
    CAPTURE(int(row.condition));
    CHECK(allows(row.condition, nobody) == row.nobody);
    CHECK(allows(row.condition, by_pin) == row.user);
    CHECK(allows(row.condition, by_admin_key) == row.administrator);
    CHECK(allows(row.condition, by_both) == row.both);
}

TEST_CASE("conditions stand in the order of the access mode's bits", "[gids]") {
    const FileControl key = parsed("62 10 820118 8302B081 8C058F10203000 A500");
    CHECK(key.condition(Operation::generate) == 0x10);
    CHECK(key.condition(Operation::use_key) == 0x20);
    CHECK(key.condition(Operation::put_key) == 0x30);
    CHECK(key.condition(Operation::get_key) == 0x00);
    const FileControl sparse = parsed("62 0F 820139 8302A010 8C03212010 8A0105");
    CHECK(sparse.condition(Operation::get_data) == 0x10);
    CHECK(sparse.condition(Operation::put_data) == never);
    CHECK(sparse.activated);
}

TEST_CASE("what the access mode does not name is never allowed", "[gids]") {
    const FileControl file = parsed("62 0B 820139 8302A010 8C020100");
    CHECK(file.condition(Operation::get_data) == always);
    CHECK(file.condition(Operation::put_data) == never);
}

TEST_CASE("the key reference is the last byte of the file's identifier", "[gids]") {
    const FileControl key =
        parsed("62 1B 820118 8302B085 8C058F10101000 A50BB609800117830183950140");
    CHECK(key.key_reference() == 0x85);
    CHECK(key.serves(0xB6));
    CHECK_FALSE(key.serves(0xB8));
}

TEST_CASE("the table of files is read as it was written", "[gids]") {
    const FileControl data = parsed("62 0C 820139 8302A010 8C03033000");
    const FileControl key =
        parsed("62 1B 820118 8302B085 8C058F10101000 A50BB609800117830183950140");
    for (const FileControl& file : {data, key}) {
        const auto again = parse_file_control(file_control_parameters(file));
        REQUIRE(std::holds_alternative<FileControl>(again));
        CHECK(file_control_parameters(std::get<FileControl>(again)) ==
              file_control_parameters(file));
    }
}

TEST_CASE("algorithm references of MANAGE SECURITY ENVIRONMENT", "[gids]") {
    struct Row {
        Usage usage;
        std::uint8_t reference;
        std::optional<Padding> padding;
    };
    const Row row = GENERATE(
        Row{Usage::sign, 0x17, Padding::none}, Row{Usage::sign, 0x57, Padding::pkcs1},
        Row{Usage::sign, 0x1C, Padding::none}, Row{Usage::sign, 0x5C, std::nullopt},
        Row{Usage::sign, 0x07, std::nullopt}, Row{Usage::decipher, 0x06, Padding::none},
        Row{Usage::decipher, 0x49, Padding::pkcs1}, Row{Usage::decipher, 0x88, Padding::oaep},
        Row{Usage::decipher, 0x0C, std::nullopt}, Row{Usage::decipher, 0x57, std::nullopt},
        Row{Usage::sign, 0x1A, std::nullopt});
    CAPTURE(int(row.reference));
    const auto usage = key_usage(row.usage, row.reference);
    CHECK(usage.has_value() == row.padding.has_value());
    if (usage && row.padding) {
        CHECK(usage->padding == *row.padding);
    }
}

TEST_CASE("objects of different files have different names", "[gids]") {
    CHECK(object_of(0xA010, 0xDF20) != object_of(0xA012, 0xDF20));
    CHECK(object_of(0xA010, 0x5FC105) == 0xA0105FC105);
    CHECK(object_of(0xA010, 0x53) != table_object);
}
