// SPDX-License-Identifier: Apache-2.0
#include "apdu/command.hpp"

#include "tests/catch.hpp"
#include "tests/unit/apdu_support.hpp"

using namespace tpmvsc;
using apdu::Command;
using apdu::StatusWord;
using test::hex;

namespace {

Command decoded(ByteView bytes) {
    const auto result = apdu::decode(bytes);
    REQUIRE(std::holds_alternative<Command>(result));
    return std::get<Command>(result);
}

bool is_malformed(ByteView bytes) {
    const auto result = apdu::decode(bytes);
    const auto* word = std::get_if<StatusWord>(&result);
    return word != nullptr && *word == apdu::sw::wrong_length;
}

} // namespace

TEST_CASE("the header is read byte by byte", "[apdu][command]") {
    const Command command = decoded(hex("10 DB 3F FE"));
    CHECK(command.cla == 0x10);
    CHECK(command.ins == 0xDB);
    CHECK(command.p1 == 0x3F);
    CHECK(command.p2 == 0xFE);
    CHECK(command.p1_p2() == 0x3FFE);
}

TEST_CASE("case 1 expects as much as a short answer holds", "[apdu][command]") {
    const Command command = decoded(hex("00 20 00 80"));
    CHECK(command.data.empty());
    CHECK(command.expected == 256);
    CHECK_FALSE(command.le_present);
    CHECK_FALSE(command.extended);
}

TEST_CASE("case 2S: Le of 00 is 256", "[apdu][command]") {
    CHECK(decoded(hex("00 C0 00 00 08")).expected == 8);
    CHECK(decoded(hex("00 C0 00 00 FF")).expected == 255);
    const Command command = decoded(hex("00 C0 00 00 00"));
    CHECK(command.expected == 256);
    CHECK(command.le_present);
    CHECK(command.data.empty());
}

TEST_CASE("case 3S: an absent Le counts as the maximum", "[apdu][command]") {
    const Command command = decoded(hex("00 CB 3F FF 03 5C 01 7E"));
    CHECK(command.data == hex("5C017E"));
    CHECK(command.expected == 256);
    CHECK_FALSE(command.le_present);
    CHECK_FALSE(command.extended);
}

TEST_CASE("case 4S", "[apdu][command]") {
    const Command command = decoded(hex("00 CB 3F FF 03 5C 01 7E 08"));
    CHECK(command.data == hex("5C017E"));
    CHECK(command.expected == 8);
    CHECK(command.le_present);
    CHECK(decoded(hex("00 CB 3F FF 03 5C 01 7E 00")).expected == 256);
}

TEST_CASE("a short command of 255 bytes", "[apdu][command]") {
    Bytes bytes = hex("00 DB 3F FF FF");
    bytes.insert(bytes.end(), 255, 0x5A);
    CHECK(decoded(bytes).data.size() == 255);
    bytes.push_back(0);
    CHECK(decoded(bytes).le_present);
    bytes.push_back(0);
    CHECK(is_malformed(bytes));
}

TEST_CASE("case 2E: Le of 0000 is 65536", "[apdu][command]") {
    const Command command = decoded(hex("00 C0 00 00 00 00 00"));
    CHECK(command.extended);
    CHECK(command.le_present);
    CHECK(command.expected == 65536);
    CHECK(command.data.empty());
    CHECK(decoded(hex("00 C0 00 00 00 01 00")).expected == 256);
    CHECK(decoded(hex("00 C0 00 00 00 FF FF")).expected == 65535);
}

TEST_CASE("case 3E: an absent Le counts as the extended maximum", "[apdu][command]") {
    const Command command = decoded(hex("00 A4 04 00 00 00 05 A0 00 00 03 08"));
    CHECK(command.extended);
    CHECK(command.data == hex("A000000308"));
    CHECK_FALSE(command.le_present);
    CHECK(command.expected == 65536);
}

TEST_CASE("case 4E", "[apdu][command]") {
    const Command command = decoded(hex("00 A4 04 00 00 00 05 A0 00 00 03 08 01 02"));
    CHECK(command.data == hex("A000000308"));
    CHECK(command.le_present);
    CHECK(command.expected == 0x0102);
    CHECK(decoded(hex("00 A4 04 00 00 00 05 A0 00 00 03 08 00 00")).expected == 65536);
}

TEST_CASE("an extended command of the most data there can be", "[apdu][command]") {
    Bytes bytes = hex("00 DB 3F FF 00 FF FF");
    bytes.insert(bytes.end(), 65535, 0x5A);
    CHECK(decoded(bytes).data.size() == 65535);
    bytes.push_back(0);
    CHECK(is_malformed(bytes));
    bytes.push_back(0);
    CHECK(decoded(bytes).expected == 65536);
    bytes.push_back(0);
    CHECK(is_malformed(bytes));
}

TEST_CASE("what is no command APDU is answered 6700", "[apdu][command]") {
    const auto bytes = GENERATE("", "00", "00A4", "00A404", // no whole header
                                "00A4040005A0000003",       // less data than Lc says
                                "00A4040005A0000003080000", // more than Lc and Le
                                "00CB3FFF0000", // Lc of zero before Le, or half an extended length
                                "00CB3FFF00000000",       // extended Lc of zero with data
                                "00CB3FFF0000000000",     // and with Le
                                "00CB3FFF000003",         // (this one is case 2E: see below)
                                "00CB3FFF0000035C01",     // less data than the extended Lc says
                                "00CB3FFF0000035C017E00", // half an Le
                                "00CB3FFF0000035C017E000000"); // too much behind Le
    if (std::string(bytes) == "00CB3FFF000003") {
        CHECK(decoded(hex(bytes)).expected == 3);
    } else {
        CHECK(is_malformed(hex(bytes)));
    }
}

TEST_CASE("every cut of a valid extended command is either another case or malformed",
          "[apdu][command]") {
    const Bytes whole = hex("00 DB 3F FF 00 00 08 5C 03 5F C1 05 53 01 00 00 00");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto result = apdu::decode(ByteView(whole).first(size));
        const bool valid = size == 4 || size == 5 || size == 7 || size == 15;
        CAPTURE(size);
        CHECK(std::holds_alternative<Command>(result) == valid);
    }
}

TEST_CASE("a response ends in its status word", "[apdu][command]") {
    CHECK(apdu::encode(apdu::sw::file_not_found) == hex("6A82"));
    CHECK(apdu::encode(apdu::Response(hex("0102"))) == hex("01029000"));
}
