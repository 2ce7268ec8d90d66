// SPDX-License-Identifier: Apache-2.0
#include "apdu/card_edge.hpp"

#include "card/errors.hpp"
#include "tests/catch.hpp"
#include "tests/unit/apdu_support.hpp"
#include "tpm/error.hpp"

#include <algorithm>

using namespace tpmvsc;
using apdu::Command;
using apdu::Response;
using test::hex;
using test::ScriptedApplet;
using Events = std::vector<std::string>;

namespace {

/// A card of two applets. The scripts stay reachable after the edge has taken them.
struct Fixture {
    Fixture() {
        auto one = std::make_unique<ScriptedApplet>("A000000308000010000100");
        auto two = std::make_unique<ScriptedApplet>("F054504D56534301");
        first = one.get();
        second = two.get();
        std::vector<std::unique_ptr<apdu::Applet>> applets;
        applets.push_back(std::move(one));
        applets.push_back(std::move(two));
        edge = std::make_unique<apdu::CardEdge>(hex("3B00"), std::move(applets));
    }

    std::string send(const std::string& command) { return to_hex(edge->transmit(hex(command))); }
    std::string send(const Bytes& command) { return to_hex(edge->transmit(command)); }

    void answer_with(std::size_t size, apdu::StatusWord word = apdu::sw::success) {
        first->answer = [size, word](const Command&) {
            Bytes data(size);
            for (std::size_t i = 0; i < size; ++i) {
                data[i] = static_cast<std::uint8_t>(i % 251);
            }
            return Response(std::move(data), word);
        };
    }

    ScriptedApplet* first = nullptr;
    ScriptedApplet* second = nullptr;
    std::unique_ptr<apdu::CardEdge> edge;
};

} // namespace

TEST_CASE("the first applet is selected without being asked for", "[apdu][edge]") {
    Fixture card;
    CHECK(card.send("00 CB 3F FF 03 5C 01 7E 00") == "9000");
    CHECK(card.first->events == Events{"handle cb"});
    CHECK(card.first->last.data == hex("5C017E"));
    CHECK(to_bytes(card.edge->atr()) == hex("3B00"));
}

TEST_CASE("SELECT finds an applet by its full and by a right-truncated identifier",
          "[apdu][edge]") {
    Fixture card;
    CHECK(card.send("00 A4 04 00 05 A000000308") == "61009000");
    CHECK(card.send("00 A4 04 00 05 A000000308 00") == "61009000");
    CHECK(card.send("00 A4 04 00 09 A00000030800001000 00") == "61009000");
    CHECK(card.send("00 A4 04 00 0B A000000308000010000100 00") == "61009000");
    CHECK(card.send("00 A4 04 00 00 00 05 A000000308") == "61009000");
    CHECK(card.first->events == Events{"select", "select", "select", "select", "select"});
}

TEST_CASE("SELECT with P2 of 0C answers no data", "[apdu][edge]") {
    Fixture card;
    CHECK(card.send("00 A4 04 0C 05 A000000308") == "9000");
}

TEST_CASE("a name that no applet has leaves the selected one selected", "[apdu][edge]") {
    Fixture card;
    const auto name =
        GENERATE("07 627601FF000000", "06 A00000000101", "0B E82B0601040181C31F0201", "04 A0000003",
                 "01 A0", "08 A000000527471117", "0C A00000030800001000010000");
    CHECK(card.send(std::string("00 A4 04 00 ") + name) == "6a82");
    CHECK(card.first->events == Events{"interrupted"});
    CHECK(card.send("00 20 00 80") == "9000");
    CHECK(card.first->events.back() == "handle 20");
}

TEST_CASE("SELECT without a name or of a later occurrence finds nothing", "[apdu][edge]") {
    Fixture card;
    CHECK(card.send("00 A4 04 00") == "6a82");
    CHECK(card.send("00 A4 04 00 00") == "6a82");
    CHECK(card.send("00 A4 04 02 05 A000000308") == "6a86");
}

TEST_CASE("SELECT by file identifier is the applet's business", "[apdu][edge]") {
    Fixture card;
    CHECK(card.send("00 A4 00 0C 02 3F00") == "9000");
    CHECK(card.first->events == Events{"handle a4"});
}

TEST_CASE("selecting another applet deselects the present one, selecting it anew does not",
          "[apdu][edge]") {
    Fixture card;
    CHECK(card.send("00 A4 04 00 08 F054504D56534301") == "61009000");
    CHECK(card.first->events == Events{"deselect"});
    CHECK(card.second->events == Events{"select"});
    card.send("00 A4 04 00 08 F054504D56534301");
    card.send("00 CA 01 00");
    CHECK(card.second->events == Events{"select", "select", "handle ca"});
    card.edge->reset();
    card.send("00 20 00 80");
    CHECK(card.first->events == Events{"deselect", "reset", "handle 20"});
}

TEST_CASE("class bytes other than 00 and 10 are refused by name", "[apdu][edge]") {
    Fixture card;
    for (const char* cla : {"04", "08", "0C", "14", "1C", "07", "60", "6F", "70"}) {
        CAPTURE(cla);
        CHECK(card.send(std::string(cla) + "200080") == "6882");
    }
    for (const char* cla : {"01", "02", "03", "11", "40", "4F", "50"}) {
        CAPTURE(cla);
        CHECK(card.send(std::string(cla) + "200080") == "6881");
    }
    for (const char* cla : {"20", "3F", "80", "90", "B0", "C0", "FF"}) {
        CAPTURE(cla);
        CHECK(card.send(std::string(cla) + "200080") == "6e00");
    }
    CHECK(std::count(card.first->events.begin(), card.first->events.end(), "interrupted") ==
          static_cast<long>(card.first->events.size()));
}

TEST_CASE("a command of class 80 goes to who knows it, and the selected applet does not notice",
          "[apdu][edge]") {
    Fixture card;
    card.second->unselected = [](const Command& command) -> std::optional<Response> {
        if (command.ins == 0xCA) {
            return Response(hex("E1020304"));
        }
        return std::nullopt;
    };
    const std::string ask = "80 CA 01 00 00 00 00";
    CHECK(card.send(ask) == "e10203049000");
    CHECK(card.send("80 CA 01 00 04") == "e10203049000");
    CHECK(card.send("00 20 00 80") == "9000");
    CHECK(card.first->events == Events{"handle 20"});
    CHECK(card.second->events.empty());
    SECTION("a chain under way goes on") {
        card.send("10 DB 3F FF 02 0102");
        CHECK(card.send(ask) == "e10203049000");
        CHECK(card.send("00 DB 3F FF 01 03") == "9000");
        CHECK(card.first->last.data == hex("010203"));
    }
    SECTION("a rest that waits can be fetched") {
        card.answer_with(300);
        card.send("00 CB 3F FF 00");
        CHECK(card.send(ask) == "e10203049000");
        CHECK(card.send("00 C0 00 00 00").size() == 2 * (44 + 2));
    }
    SECTION("an answer that the host did not leave room for is refused, not cut") {
        CHECK(card.send("80 CA 01 00 03") == "6700");
        CHECK(card.send("00 C0 00 00 00") == "6985");
    }
    SECTION("whatever nobody knows is refused as before") {
        CHECK(card.send("80 20 00 80") == "6e00");
        CHECK(card.send("90 CA 01 00 00") == "6e00");
        CHECK(card.first->events == Events{"handle 20", "interrupted", "interrupted"});
    }
}

TEST_CASE("a malformed APDU interrupts the applet", "[apdu][edge]") {
    Fixture card;
    CHECK(card.send("") == "6700");
    CHECK(card.send("00 20 00") == "6700");
    CHECK(card.first->events == Events{"interrupted", "interrupted"});
}

TEST_CASE("the blocks of a chain become one command", "[apdu][edge][chain]") {
    Fixture card;
    CHECK(card.send("10 DB 3F FF 02 0102") == "9000");
    CHECK(card.send("10 DB 3F FF 02 0304") == "9000");
    CHECK(card.first->events.empty());
    CHECK(card.send("00 DB 3F FF 01 05 00") == "9000");
    CHECK(card.first->events == Events{"handle db"});
    CHECK(card.first->last.data == hex("0102030405"));
    CHECK(card.first->last.cla == 0x00);
    CHECK(card.send("00 DB 3F FF 01 06") == "9000");
    CHECK(card.first->last.data == hex("06"));
}

TEST_CASE("blocks may be empty, and the last may bring nothing but Le", "[apdu][edge][chain]") {
    Fixture card;
    CHECK(card.send("10 87 07 9A") == "9000");
    CHECK(card.send("10 87 07 9A 02 0102") == "9000");
    CHECK(card.send("00 87 07 9A 00") == "9000");
    CHECK(card.first->last.data == hex("0102"));
    CHECK(card.first->last.le_present);
}

TEST_CASE("a large object passes chained, in short and in extended blocks", "[apdu][edge][chain]") {
    Fixture card;
    const Bytes object(12710, 0x5A);
    for (const std::size_t block : {std::size_t{255}, std::size_t{200}, std::size_t{4000}}) {
        ByteView rest = object;
        while (!rest.empty()) {
            const ByteView part = rest.first(std::min(block, rest.size()));
            rest = rest.subspan(part.size());
            Bytes command = hex(rest.empty() ? "00 DB 3F FF" : "10 DB 3F FF");
            append(command,
                   block > 255
                       ? concat({hex("00"), big_endian16(static_cast<std::uint16_t>(part.size()))})
                       : Bytes{static_cast<std::uint8_t>(part.size())});
            append(command, part);
            CHECK(card.send(command) == "9000");
        }
        CHECK(card.first->last.data == object);
    }
}

TEST_CASE("a chain that another command interrupts is forgotten", "[apdu][edge][chain]") {
    Fixture card;
    card.send("10 DB 3F FF 02 0102");
    SECTION("by another instruction") {
        CHECK(card.send("00 20 00 80") == "9000");
        CHECK(card.first->events == Events{"interrupted", "handle 20"});
    }
    SECTION("by other parameters, which begin anew") {
        CHECK(card.send("00 DB 3F FE 01 09") == "9000");
        CHECK(card.first->last.data == hex("09"));
    }
    SECTION("by another chain") {
        CHECK(card.send("10 87 07 9A 01 0A") == "9000");
        CHECK(card.send("00 87 07 9A 01 0B") == "9000");
        CHECK(card.first->last.data == hex("0A0B"));
    }
    SECTION("by a malformed APDU") {
        CHECK(card.send("00 DB 3F FF 02 01") == "6700");
    }
    SECTION("by GET RESPONSE") {
        CHECK(card.send("00 C0 00 00 00") == "6985");
    }
    SECTION("by a class that cannot be served") {
        CHECK(card.send("0C DB 3F FF 01 03") == "6882");
    }
    SECTION("by SELECT of an unknown application") {
        CHECK(card.send("00 A4 04 00 05 A000000397") == "6a82");
    }
    SECTION("by a reset") {
        card.edge->reset();
    }
    CHECK(card.send("00 DB 3F FF 01 03") == "9000");
    CHECK(card.first->last.data == hex("03"));
    CHECK(card.first->events.at(0) != "handle db");
}

TEST_CASE("a chain longer than any command may be is dropped", "[apdu][edge][chain]") {
    Fixture card;
    Bytes block = hex("10 DB 3F FF 00 80 00");
    block.insert(block.end(), 0x8000, 0x5A);
    CHECK(card.send(block) == "9000");
    SECTION("in a further block") {
        CHECK(card.send(block) == "6700");
    }
    SECTION("in the last block") {
        block[0] = 0x00;
        CHECK(card.send(block) == "6700");
    }
    CHECK(card.first->events == Events{"interrupted"});
    CHECK(card.send("00 DB 3F FF 01 03") == "9000");
    CHECK(card.first->last.data == hex("03"));
}

TEST_CASE("only some commands may be chained", "[apdu][edge][chain]") {
    Fixture card;
    CHECK(card.send("10 20 00 80 04 31323334") == "6884");
    CHECK(card.send("10 A4 04 00 05 A000000308") == "6884");
    CHECK(card.send("10 C0 00 00 00") == "6884");
    CHECK(card.first->events == Events{"interrupted", "interrupted", "interrupted"});
}

TEST_CASE("an answer longer than Le is fetched piece by piece", "[apdu][edge][response]") {
    Fixture card;
    card.answer_with(600);
    const std::string one = card.send("00 CB 3F FF 03 5C 01 7E 00");
    CHECK(one.size() == 2 * 258);
    CHECK(one.substr(512) == "6100");
    const std::string two = card.send("00 C0 00 00 00");
    CHECK(two.substr(512) == "6158");
    const std::string three = card.send("00 C0 00 00 58");
    CHECK(three.substr(2 * 0x58) == "9000");
    Bytes all = hex(one.substr(0, 512) + two.substr(0, 512) + three.substr(0, 2 * 0x58));
    CHECK(all == card.first->answer({}).data);
    CHECK(card.send("00 C0 00 00 00") == "6985");
}

TEST_CASE("a short Le cuts the answer", "[apdu][edge][response]") {
    Fixture card;
    card.answer_with(20);
    CHECK(card.send("00 CB 3F FF 03 5C 01 7E 08") == "0001020304050607"
                                                     "610c");
    CHECK(card.send("00 C0 00 00 04") == "08090a0b"
                                         "6108");
    CHECK(card.send("00 C0 00 00 00") == "0c0d0e0f10111213"
                                         "9000");
}

TEST_CASE("an extended Le gets all at once", "[apdu][edge][response]") {
    Fixture card;
    card.answer_with(12714);
    CHECK(card.send("00 CB 3F FF 00 00 03 5C 01 7E 00 00").size() == 2 * 12716);
    CHECK(card.send("00 CB 3F FF 00 00 03 5C 01 7E").size() == 2 * 12716);
    card.send("00 CB 3F FF 03 5C 01 7E 00");
    CHECK(card.send("00 C0 00 00 00 00 00").size() == 2 * (12714 - 256 + 2));
}

TEST_CASE("an absent Le counts as the maximum", "[apdu][edge][response]") {
    Fixture card;
    card.answer_with(256);
    CHECK(card.send("00 CB 3F FF").size() == 2 * 258);
    CHECK(card.send("00 CB 3F FF 03 5C 01 7E").size() == 2 * 258);
}

TEST_CASE("a rest that waits is dropped by any other command", "[apdu][edge][response]") {
    Fixture card;
    const auto other = GENERATE("00 20 00 80", "10 DB 3F FF 01 00", "00 20 00", "0C 20 00 80",
                                "00 A4 04 00 05 A000000397", "00 C0 00 01 00", "00 C0 00 00 01 00");
    card.answer_with(300);
    CHECK(card.send("00 CB 3F FF 00").substr(512) == "612c");
    card.first->answer = nullptr;
    card.send(other);
    CHECK(card.send("00 C0 00 00 00") == "6985");
}

TEST_CASE("fetching the rest does not interrupt, asking for none does", "[apdu][edge][response]") {
    Fixture card;
    card.answer_with(300);
    card.send("00 CB 3F FF 00");
    card.send("00 C0 00 00 00");
    CHECK(card.first->events == Events{"handle cb"});
    card.send("00 C0 00 00 00");
    CHECK(card.first->events == Events{"handle cb", "interrupted"});
}

TEST_CASE("the status word of a long answer comes with its last piece", "[apdu][edge][response]") {
    Fixture card;
    card.answer_with(10, apdu::sw::file_terminated);
    CHECK(card.send("00 CB 3F FF 08").substr(16) == "6102");
    CHECK(card.send("00 C0 00 00 02") == "0809"
                                         "6285");
}

TEST_CASE("a fault becomes a status word, and the next command runs", "[apdu][edge][fault]") {
    struct Case {
        std::function<void()> raise;
        const char* status;
    };
    const auto tpm_fault = [](tpm::Fault fault) {
        return [fault] { throw tpm::Error(fault, 1, "the TPM"); };
    };
    const auto storage_fault = [](card::StorageError::Reason reason) {
        return [reason] { throw card::StorageError(reason, "the folder"); };
    };
    using Reason = card::StorageError::Reason;
    const std::vector<Case> cases{
        {tpm_fault(tpm::Fault::locked_out), "6983"},
        {tpm_fault(tpm::Fault::no_space), "6a84"},
        {tpm_fault(tpm::Fault::unreachable), "6f00"},
        {tpm_fault(tpm::Fault::failure), "6f00"},
        {storage_fault(Reason::full), "6a84"},
        {storage_fault(Reason::unwritable), "6581"},
        {storage_fault(Reason::damaged), "6581"},
        {storage_fault(Reason::unknown_version), "6f00"},
        {[] { throw card::ForeignTpmError("another TPM"); }, "6f00"},
        {[] { throw std::bad_alloc(); }, "6f00"},
    };
    for (const Case& row : cases) {
        Fixture card;
        card.first->answer = [&row](const Command&) -> Response {
            row.raise();
            return {};
        };
        CHECK(card.send("00 20 00 80") == row.status);
        card.first->answer = nullptr;
        CHECK(card.send("00 20 00 80") == "9000");
    }
}

TEST_CASE("a card edge without an applet is none", "[apdu][edge]") {
    CHECK_THROWS_AS(apdu::CardEdge(hex("3B00"), {}), std::invalid_argument);
}
