// SPDX-License-Identifier: Apache-2.0
#include "apdu/make_card_edge.hpp"
#include "apdu/piv/application.hpp"
#include "apdu/piv/initial_objects.hpp"
#include "apdu/piv/piv_keys.hpp"
#include "apdu/piv/piv_objects.hpp"
#include "apdu/piv/private_keys.hpp"
#include "apdu/public_key_template.hpp"
#include "tests/catch.hpp"
#include "tests/unit/apdu_support.hpp"

#include <numeric>
#include <set>

using namespace tpmvsc;
using namespace tpmvsc::piv;
using test::hex;

TEST_CASE("both answers to reset end in the right check byte", "[apdu][atr]") {
    for (const auto profile : {card::Profile::piv, card::Profile::gids}) {
        const ByteView atr = apdu::atr_of(profile);
        const ByteView checked = atr.subspan(1);
        CHECK(std::accumulate(checked.begin(), checked.end(), 0,
                              [](int a, std::uint8_t b) { return a ^ b; }) == 0);
    }
    CHECK(to_hex(apdu::atr_of(card::Profile::piv)) == "3bdb18ff8131fe4580f9a00000030800001000f5");
    CHECK(to_hex(apdu::atr_of(card::Profile::gids)) == "3b8d0180fba000000397425446590201c9");
}

TEST_CASE("twenty-four asymmetric keys, each with its certificate", "[apdu][piv][tables]") {
    std::set<std::uint32_t> certificates;
    for (const KeyReference& reference : key_references()) {
        CHECK(find_key_reference(reference.slot) == &reference);
        certificates.insert(reference.certificate);
    }
    CHECK(key_references().size() == 24);
    CHECK(certificates.size() == 24);
    CHECK(find_key_reference(0x82)->certificate == 0x5FC10D);
    CHECK(find_key_reference(0x95)->certificate == 0x5FC120);
    CHECK(find_key_reference(0x9B) == nullptr);
    CHECK(find_key_reference(0x96) == nullptr);
}

TEST_CASE("RSA-1024 is for retired keys, or for all", "[apdu][piv][tables]") {
    const Options standard;
    Options lenient;
    lenient.rsa1024_in_any_slot = true;
    for (const KeyReference& reference : key_references()) {
        const bool retired = reference.slot >= 0x82 && reference.slot <= 0x95;
        CHECK(may_hold(reference.slot, card::KeyAlgorithm::rsa1024, standard) == retired);
        CHECK(may_hold(reference.slot, card::KeyAlgorithm::rsa1024, lenient));
        CHECK(may_hold(reference.slot, card::KeyAlgorithm::rsa2048, standard));
    }
}

TEST_CASE("algorithm identifiers go both ways", "[apdu][piv][tables]") {
    for (const int identifier : {0x05, 0x06, 0x07, 0x16, 0x11, 0x14}) {
        const auto algorithm = key_algorithm(static_cast<std::uint8_t>(identifier));
        REQUIRE(algorithm);
        CHECK(identifier_of(*algorithm) == identifier);
    }
    CHECK_FALSE(key_algorithm(0xE0));
    CHECK_FALSE(key_algorithm(0x03));
    CHECK_FALSE(identifier_of(card::KeyAlgorithm::p521));
    for (const int identifier : {0x03, 0x08, 0x0A, 0x0C}) {
        CHECK(identifier_of(*admin_algorithm(static_cast<std::uint8_t>(identifier))) == identifier);
    }
    CHECK(admin_algorithm(0x00) == card::AdminAlgorithm::tdes);
    CHECK_FALSE(admin_algorithm(0x11));
}

TEST_CASE("biometrics, printed information and the pairing code need the PIN",
          "[apdu][piv][tables]") {
    for (const std::uint32_t tag : {0x5FC103u, 0x5FC108u, 0x5FC109u, 0x5FC121u, 0x5FC123u}) {
        CHECK(read_access(tag) == card::ReadAccess::pin);
    }
    for (const std::uint32_t tag : {0x5FC102u, 0x5FC105u, 0x5FC106u, 0x7F61u, 0x5FFF00u}) {
        CHECK(read_access(tag) == card::ReadAccess::always);
    }
}

TEST_CASE("a new card has a unique CHUID and a capability container", "[apdu][piv][tables]") {
    card::Identity identity;
    identity.id = hex("00112233445546778899AABBCCDDEEFF");
    const auto objects = initial_objects(identity);
    REQUIRE(objects.size() == 2);
    CHECK(objects[0].first == 0x5FC102);
    CHECK(objects[0].second ==
          hex("3019D4E739DA739CED39CE739D836858210842108421C84210C3EB"
              "341000112233445546778899AABBCCDDEEFF 35083230393931323331 3E00 FE00"));
    CHECK(objects[1].first == 0x5FC107);
    CHECK(objects[1].second ==
          hex("F015A000000116FF0200112233445546778899AABBCCDD F10121 F20121 F300 F40100 F50110"
              "F600 F700 FA00 FB00 FC00 FD00 FE00"));
}

TEST_CASE("public keys as GENERATE answers them", "[apdu][piv][tables]") {
    card::PublicKey rsa;
    rsa.modulus = Bytes(256, 0xC3);
    rsa.exponent = 65537;
    CHECK(apdu::public_key_template(rsa) ==
          concat({hex("7F49820109 81820100"), rsa.modulus, hex("8203010001")}));
    card::PublicKey point;
    point.point = concat({hex("04"), Bytes(64, 0x11)});
    CHECK(apdu::public_key_template(point) == concat({hex("7F4943 8641"), point.point}));
}
