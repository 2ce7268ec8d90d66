// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/piv_commands.hpp"

#include "tests/catch.hpp"
#include "tests/unit/apdu_support.hpp"

using namespace tpmvsc;
using namespace tpmvsc::piv;
using apdu::StatusWord;
using test::hex;

namespace {

/// Parsed keeps the command, into which the result's views point.
struct Parsed {
    explicit Parsed(const std::string& text)
        : apdu(std::get<apdu::Command>(apdu::decode(hex(text)))), command(parse(apdu)) {}

    template<typename T>
    const T& as() const {
        REQUIRE(std::holds_alternative<T>(command));
        return std::get<T>(command);
    }
    unsigned refused() const { return as<StatusWord>().value; }

    apdu::Command apdu;
    PivCommand command;
};

} // namespace

TEST_CASE("commands of YubiKeys that are a header alone", "[apdu][piv][parse]") {
    Parsed("00FD0000").as<GetVersion>();
    Parsed("00FD000000").as<GetVersion>();
    Parsed("00FD0000000000").as<GetVersion>();
    Parsed("00F8000000").as<GetSerial>();
    Parsed("00FB0000").as<ResetCard>();
    CHECK(Parsed("00F7009A00").as<GetMetadata>().reference == 0x9A);
    CHECK(Parsed("00F99A0000").as<AttestKey>().slot == 0x9A);
    CHECK(Parsed("00FA0504").as<SetTries>().pin == 5);
    CHECK(Parsed("00FA05FF").as<SetTries>().puk == 255);
    for (const char* header : {"00FD0100", "00F80001", "00FB0001", "00F7019A", "00F99A01",
                               "00F9F900", "00F98000", "00FA0004", "00FA0400"}) {
        CAPTURE(header);
        CHECK(Parsed(header).refused() == 0x6A86);
    }
    for (const char* header :
         {"00FD0000", "00F80000", "00FB0000", "00F7009A", "00F99A00", "00FA0504", "00F6829A"}) {
        CAPTURE(header);
        CHECK(Parsed(header + std::string("01AA")).refused() == 0x6A80);
    }
}

TEST_CASE("MOVE KEY names where to and where from", "[apdu][piv][parse]") {
    const Parsed move("00F6829C");
    CHECK(move.as<MoveKey>().from == 0x9C);
    CHECK(move.as<MoveKey>().to == 0x82);
    CHECK(Parsed("00F6FF9C").as<DeleteKey>().slot == 0x9C);
    for (const char* header : {"00F69B9C", "00F6829B", "00F6FFFF", "00F6F99A", "00F69AF9"}) {
        CHECK(Parsed(header).refused() == 0x6A86);
    }
}

TEST_CASE("SET MANAGEMENT KEY takes a key in its algorithm's size", "[apdu][piv][parse]") {
    const std::string key = "00112233445566778899AABBCCDDEEFF";
    const Parsed change("00FFFFFF 13 08 9B10" + key);
    CHECK(change.as<SetAdminKey>().algorithm == card::AdminAlgorithm::aes128);
    CHECK(to_bytes(change.as<SetAdminKey>().key) == hex(key));
    CHECK(Parsed("00FFFFFF 13 0C 9B10" + key).refused() == 0x6A80);
    CHECK(Parsed("00FFFFFF 13 08 9A10" + key).refused() == 0x6A80);
    CHECK(Parsed("00FFFFFE 13 08 9B10" + key).refused() == 0x6A80);
    CHECK(Parsed("00FFFF00 13 08 9B10" + key).refused() == 0x6A86);
    CHECK(Parsed("00FFFFFF").refused() == 0x6A80);
}

TEST_CASE("IMPORT ASYMMETRIC KEY takes the parts of one kind of key", "[apdu][piv][parse]") {
    const std::string scalar = to_hex(Bytes(32, 0x5A));
    const Parsed key("00FE119A 25 0620" + scalar + "AA0103");
    CHECK(key.as<ImportEcKey>().target.slot == 0x9A);
    CHECK(key.as<ImportEcKey>().target.algorithm == card::KeyAlgorithm::p256);
    CHECK(key.as<ImportEcKey>().target.pin_policy == card::PinPolicy::always);
    CHECK(to_hex(key.as<ImportEcKey>().scalar) == scalar);
    CHECK(Parsed("00FE119E 22 0620" + scalar).as<ImportEcKey>().target.pin_policy ==
          card::PinPolicy::never);
    CHECK(Parsed("00FE119A 25 0620" + scalar + "AB0102").refused() == 0x6A80);
    CHECK(Parsed("00FE149A 22 0620" + scalar).refused() == 0x6A80);
    CHECK(Parsed("00FE119B 22 0620" + scalar).refused() == 0x6A86);

    const Parsed rsa("00FE0682 0F 010101 020102 030103 040104 050105");
    CHECK(to_hex(rsa.as<ImportRsaKey>().parts.p) == "01");
    CHECK(to_hex(rsa.as<ImportRsaKey>().parts.q_inverse) == "05");
    CHECK(Parsed("00FE0682 0C 010101 020102 030103 040104").refused() == 0x6A80);
    CHECK(Parsed("00FE0682 12 010101 020102 030103 040104 050105 060106").refused() == 0x6A80);
    CHECK(Parsed("00FE1182 0F 010101 020102 030103 040104 050105").refused() == 0x6A80);
}
