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
    explicit Parsed(const Bytes& bytes)
        : apdu(std::get<apdu::Command>(apdu::decode(bytes))), command(parse(apdu)) {}

    template<typename T>
    const T& as() const {
        REQUIRE(std::holds_alternative<T>(command));
        return std::get<T>(command);
    }
    unsigned refused() const { return as<StatusWord>().value; }

    apdu::Command apdu;
    PivCommand command;
};

/// A command with one length byte written for it.
std::string with_data(const std::string& header, const std::string& data) {
    const Bytes bytes = hex(data);
    return header + to_hex(Bytes{static_cast<std::uint8_t>(bytes.size())}) + to_hex(bytes);
}

} // namespace

TEST_CASE("GET DATA names one object", "[apdu][piv][parse]") {
    CHECK(Parsed("00CB3FFF 05 5C035FC105").as<GetData>().tag == 0x5FC105);
    CHECK(Parsed("00CB3FFF 03 5C017E 00").as<GetData>().tag == 0x7E);
    CHECK(Parsed("00CB3FFF 04 5C027F61 00").as<GetData>().tag == 0x7F61);
    CHECK(Parsed("00CB3FFF 06 5C81035FC105").as<GetData>().tag == 0x5FC105);
}

TEST_CASE("GET DATA refuses what names none", "[apdu][piv][parse]") {
    CHECK(Parsed("00CB3F00 05 5C035FC105").refused() == 0x6A86);
    for (const char* data : {"5C", "5C00", "5C045FC10500", "5C045FC105", "5C025FC105", "53035FC105",
                             "5C017E5C017E", "5C017E00", "5C805FC105"}) {
        CAPTURE(data);
        CHECK(Parsed(with_data("00CB3FFF", data)).refused() == 0x6A80);
    }
    CHECK(Parsed("00CB3FFF").refused() == 0x6A80);
}

TEST_CASE("PUT DATA takes a tag list and contents", "[apdu][piv][parse]") {
    const Parsed put("00DB3FFF 09 5C035FC105 5302AABB");
    CHECK(put.as<PutData>().tag == 0x5FC105);
    CHECK(to_bytes(put.as<PutData>().contents) == hex("AABB"));
    CHECK(Parsed("00DB3FFF 07 5C035FC105 5300").as<PutData>().contents.empty());
    const Parsed group("00DB3FFF 05 7F6102AABB");
    CHECK(group.as<PutData>().tag == 0x7F61);
    CHECK(to_bytes(group.as<PutData>().contents) == hex("AABB"));
    CHECK(Parsed("00DB3FFF 03 7E01AA").as<PutData>().tag == 0x7E);
}

TEST_CASE("PUT DATA refuses lengths that lie and objects that do not belong",
          "[apdu][piv][parse]") {
    CHECK(Parsed("00DB0000 07 5C035FC1055300").refused() == 0x6A86);
    for (const char* data :
         {"5C035FC105", "5C035FC105 5303AABB", "5C035FC105 5301AABB", "5C035FC105 5400",
          "5300 5C035FC105", "5C045FC105 5300", "5C035FC105 5300 5300", "7F6103AABB", "7F6100 5300",
          "7E00FE00", "5C00 5300", "5C035FC105 538200"}) {
        CAPTURE(data);
        CHECK(Parsed(with_data("00DB3FFF", data)).refused() == 0x6A80);
    }
}

TEST_CASE("VERIFY in all its forms", "[apdu][piv][parse]") {
    CHECK(to_bytes(Parsed("00200080 08 313233343536FFFF").as<VerifyPin>().pin) ==
          hex("313233343536"));
    CHECK(to_bytes(Parsed("00200080 08 3132333435363738").as<VerifyPin>().pin) ==
          hex("3132333435363738"));
    CHECK(Parsed("00200080 08 FFFFFFFFFFFFFFFF").as<VerifyPin>().pin.empty());
    CHECK(to_bytes(Parsed("00200080 08 31FF333435363738").as<VerifyPin>().pin) ==
          hex("31FF333435363738"));
    Parsed("00200080").as<VerifyStatus>();
    Parsed("00200080 00").as<VerifyStatus>();
    Parsed("00200080 000000").as<VerifyStatus>();
    Parsed("0020FF80").as<Logout>();
    Parsed("0020FF80 00").as<Logout>();
}

TEST_CASE("VERIFY of something else", "[apdu][piv][parse]") {
    for (const char* reference : {"00", "81", "96", "97", "98", "9B", "FF"}) {
        CHECK(Parsed(std::string("002000") + reference).refused() == 0x6A88);
        CHECK(Parsed(std::string("0020FF") + reference).refused() == 0x6A88);
    }
    CHECK(Parsed("00200180").refused() == 0x6A86);
    CHECK(Parsed("0020FF80 08 313233343536FFFF").refused() == 0x6A80);
    for (const char* data : {"31", "313233343536", "313233343536FF", "313233343536FFFFFF"}) {
        CHECK(Parsed(with_data("00200080", data)).refused() == 0x6A80);
    }
}

TEST_CASE("CHANGE REFERENCE DATA tells a new value that is well formed", "[apdu][piv][parse]") {
    const Parsed pin("00240080 10 313233343536FFFF 36353433323137FF");
    CHECK(pin.as<ChangeReference>().kind == card::PinKind::pin);
    CHECK(to_bytes(pin.as<ChangeReference>().old_value) == hex("313233343536"));
    CHECK(to_bytes(*pin.as<ChangeReference>().new_value) == hex("36353433323137"));
    const Parsed puk("00240081 10 3132333435363738 0001020304050607");
    CHECK(puk.as<ChangeReference>().kind == card::PinKind::puk);
    CHECK(to_bytes(*puk.as<ChangeReference>().new_value) == hex("0001020304050607"));
}

TEST_CASE("a new value out of format is kept from being seen, not refused", "[apdu][piv][parse]") {
    for (const char* value :
         {"FFFFFFFFFFFFFFFF", "3132333435FFFFFF", "31323334FF3536FF", "FF31323334353637"}) {
        CAPTURE(value);
        const Parsed pin(std::string("00240080 10 FFFFFFFFFFFFFFFF") + value);
        CHECK_FALSE(pin.as<ChangeReference>().new_value);
        CHECK(pin.as<ChangeReference>().old_value.empty());
        const Parsed reset(std::string("002C0080 10 FFFFFFFFFFFFFFFF") + value);
        CHECK_FALSE(reset.as<ResetRetryCounter>().new_pin);
    }
    CHECK_FALSE(
        Parsed("00240081 10 3132333435363738 313233343536FFFF").as<ChangeReference>().new_value);
}

TEST_CASE("CHANGE and RESET refuse other references and lengths", "[apdu][piv][parse]") {
    for (const char* header : {"00240000", "0024009B", "002C0081", "002C0000"}) {
        CHECK(Parsed(with_data(header, "31323334353637383132333435363738")).refused() == 0x6A88);
    }
    for (const char* header : {"00240180", "002C0180"}) {
        CHECK(Parsed(with_data(header, "31323334353637383132333435363738")).refused() == 0x6A86);
    }
    for (const char* data : {"3132333435363738", "313233343536373831323334353637",
                             "3132333435363738313233343536373839"}) {
        CHECK(Parsed(with_data("00240080", data)).refused() == 0x6A80);
        CHECK(Parsed(with_data("00240081", data)).refused() == 0x6A80);
        CHECK(Parsed(with_data("002C0080", data)).refused() == 0x6A80);
    }
    CHECK(Parsed("00240080").refused() == 0x6A80);
}

TEST_CASE("GENERATE knows slots, algorithms and policies", "[apdu][piv][parse]") {
    const Parsed plain("0047009A 05 AC03800111");
    CHECK(plain.as<GenerateKey>().slot == 0x9A);
    CHECK(plain.as<GenerateKey>().algorithm == card::KeyAlgorithm::p256);
    CHECK(plain.as<GenerateKey>().pin_policy == card::PinPolicy::once);
    CHECK(Parsed("0047009C 05 AC03800107").as<GenerateKey>().pin_policy == card::PinPolicy::always);
    CHECK(Parsed("0047009E 05 AC03800114").as<GenerateKey>().pin_policy == card::PinPolicy::never);
    CHECK(Parsed("00470095 05 AC03800106").as<GenerateKey>().algorithm ==
          card::KeyAlgorithm::rsa1024);
    CHECK(Parsed("0047009C 0B AC09800111 AA0102 AB0101").as<GenerateKey>().pin_policy ==
          card::PinPolicy::once);
    CHECK(Parsed("0047009C 08 AC06AA0100 800111").as<GenerateKey>().pin_policy ==
          card::PinPolicy::always);
}

TEST_CASE("GENERATE refuses the rest", "[apdu][piv][parse]") {
    for (const char* slot : {"00", "80", "81", "96", "9B", "9F", "F9", "04"}) {
        CHECK(Parsed(std::string("004700") + slot + "05AC03800111").refused() == 0x6A86);
    }
    CHECK(Parsed("0047019A 05 AC03800111").refused() == 0x6A86);
    for (const char* data :
         {"", "AC00", "AC03800199", "AC028000", "AC0480021100", "AC04800111", "AC03800111FE00",
          "800111", "AC06800111AA0104", "AC06800111AB0102", "AC06800111AB0103", "AC06800111810100",
          "AC06800111800111", "AC03AA0101"}) {
        CAPTURE(data);
        CHECK(Parsed(*data == 0 ? "0047009A" : with_data("0047009A", data)).refused() == 0x6A80);
    }
}

TEST_CASE("GENERAL AUTHENTICATE with an asymmetric key", "[apdu][piv][parse]") {
    const Parsed sign("0087119A 08 7C06 8200 8102AABB");
    CHECK(sign.as<PrivateOperation>().reference->slot == 0x9A);
    CHECK(sign.as<PrivateOperation>().algorithm == card::KeyAlgorithm::p256);
    CHECK(to_bytes(sign.as<PrivateOperation>().input) == hex("AABB"));
    const Parsed other_order("0087079A 08 7C06 8102AABB 8200");
    CHECK(other_order.as<PrivateOperation>().algorithm == card::KeyAlgorithm::rsa2048);
    const Parsed agree("0087149D 08 7C06 8200 850204AA");
    CHECK(to_bytes(agree.as<KeyAgreement>().point) == hex("04AA"));
}

TEST_CASE("GENERAL AUTHENTICATE with the admin key", "[apdu][piv][parse]") {
    CHECK(Parsed("0087039B 04 7C028000").as<WitnessRequest>().algorithm ==
          card::AdminAlgorithm::tdes);
    CHECK(Parsed("00870C9B 04 7C028000").as<WitnessRequest>().algorithm ==
          card::AdminAlgorithm::aes256);
    CHECK(Parsed("0087009B 04 7C028000").as<WitnessRequest>().algorithm ==
          card::AdminAlgorithm::tdes);
    Parsed("0087089B 04 7C028100").as<ExternalChallenge>();
    Parsed("0087009B 04 7C028100 00").as<RandomBlock>();
    CHECK(
        to_bytes(Parsed("0087039B 0C 7C0A 82080102030405060708").as<ExternalResponse>().response) ==
        hex("0102030405060708"));
    const Parsed mutual("0087039B 16 7C14 80080102030405060708 81081112131415161718");
    CHECK(to_bytes(mutual.as<WitnessResponse>().witness) == hex("0102030405060708"));
    CHECK(to_bytes(mutual.as<WitnessResponse>().challenge) == hex("1112131415161718"));
    Parsed("0087009B 18 7C16 80080102030405060708 81081112131415161718 8200").as<WitnessResponse>();
}

TEST_CASE("the card encrypts for nobody who has not answered a witness", "[apdu][piv][parse]") {
    CHECK(Parsed("0087039B 0E 7C0C 8200 81080102030405060708").refused() == 0x6A80);
    CHECK(Parsed("0087039B 0C 7C0A 81080102030405060708").refused() == 0x6A80);
    CHECK(Parsed("0087039B 0E 7C0C 8000 81080102030405060708").refused() == 0x6A80);
}

TEST_CASE("GENERAL AUTHENTICATE refuses what is malformed", "[apdu][piv][parse]") {
    for (const char* header : {"00871180", "00871104", "008711F9", "00871100", "00871196"}) {
        CHECK(Parsed(with_data(header, "7C0682008102AABB")).refused() == 0x6A86);
    }
    for (const char* data :
         {"", "7C00", "7C028200", "7C048102AABB", "7C0782008102AABB", "7C0582008102AABB",
          "7C0682008102AABBFE00", "7B0682008102AABB", "7C0882008102AABB8300", "7C0482008100",
          "7C0A82008102AABB8102AABB", "7C0A82008102AABB8502AABB", "7C0782018102AABB01",
          "7C0882008102AABB8000", "7C0482008500"}) {
        CAPTURE(data);
        CHECK(Parsed(*data == 0 ? "0087119A" : with_data("0087119A", data)).refused() == 0x6A80);
    }
    CHECK(Parsed("0087079D 08 7C06 8200 850204AA").refused() == 0x6A80); // no ECDH with RSA
    CHECK(Parsed("0087E09A 08 7C06 8200 8102AABB").refused() == 0x6A80);
    CHECK(Parsed("0087009A 08 7C06 8200 8102AABB").refused() == 0x6A80);
    CHECK(Parsed("0087059B 04 7C028000").refused() == 0x6A80);
    CHECK(Parsed("0087039B 0B 7C09 820701020304050607").refused() == 0x6A80);
    CHECK(Parsed("0087039B 15 7C13 80080102030405060708 810711121314151617").refused() == 0x6A80);
    CHECK(Parsed("0087039B 04 7C028500").refused() == 0x6A80);
}

TEST_CASE("other instructions are not known", "[apdu][piv][parse]") {
    for (const char* header :
         {"00CADF30", "00FC0000", "00B00000", "00840000", "00EE0000", "00F50000", "001D0000"}) {
        CHECK(Parsed(header).refused() == 0x6D00);
    }
    CHECK(Parsed("00A4000C 02 3F00").refused() == 0x6A82);
    CHECK(may_be_chained(0x87));
    CHECK(may_be_chained(0xDB));
    CHECK(may_be_chained(0x47));
    CHECK(may_be_chained(0xFE));
    CHECK_FALSE(may_be_chained(0x20));
    CHECK_FALSE(may_be_chained(0xFF));
    CHECK_FALSE(may_be_chained(0x24));
    CHECK_FALSE(may_be_chained(0xCB));
    CHECK_FALSE(may_be_chained(0x00));
}
