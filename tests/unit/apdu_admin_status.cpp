// SPDX-License-Identifier: Apache-2.0
#include "apdu/admin/status.hpp"

#include "base/tlv.hpp"
#include "tests/catch.hpp"
#include "tests/unit/apdu_support.hpp"

using namespace tpmvsc;
using admin::CardStatus;
using test::hex;

namespace {

CardStatus example() {
    CardStatus status;
    status.identity.id = hex("00112233445546778899AABBCCDDEEFF");
    status.identity.name = "M\xC3\xBCller";
    status.identity.slot = 3;
    status.identity.serial = 0xFEDCBA98;
    status.identity.created = "2026-11-23T09:00:00Z";
    status.pin = {2, 3};
    status.puk = {0, 0};
    status.default_pin = true;
    status.default_admin_key = true;
    status.admin_algorithm = card::AdminAlgorithm::aes256;
    status.keys = {
        {0x9A, card::KeyAlgorithm::rsa2048, card::PinPolicy::once, card::KeyOrigin::generated},
        {0x82, card::KeyAlgorithm::p384, card::PinPolicy::never, card::KeyOrigin::imported}};
    status.anti_hammering = card::AntiHammering::lockout;
    status.locked_for = std::chrono::seconds(86400);
    status.reset = {false, true, true};
    status.pin_rules = {.shortest = 8,
                        .longest = 20,
                        .upper_case = card::CharacterRule::required,
                        .special = card::CharacterRule::forbidden,
                        .no_trivial = true,
                        .history = 5,
                        .session = std::chrono::hours(2),
                        .inactivity = std::chrono::minutes(10)};
    status.session_life = std::chrono::hours(2);
    status.authority_fingerprint = Bytes(32, 0xA5);
    status.version = "0.1.0";
    return status;
}

} // namespace

TEST_CASE("a status is read as it was written", "[apdu][admin]") {
    const CardStatus status = example();
    const auto read = admin::decode(admin::encode(status));
    REQUIRE(read);
    CHECK(read->identity.id == status.identity.id);
    CHECK(read->identity.name == status.identity.name);
    CHECK(read->identity.profile == card::Profile::piv);
    CHECK(read->identity.slot == 3);
    CHECK(read->identity.serial == 0xFEDCBA98);
    CHECK(read->identity.created == status.identity.created);
    CHECK(read->pin.left == 2);
    CHECK(read->pin.limit == 3);
    CHECK(read->puk.limit == 0);
    CHECK(read->default_pin);
    CHECK_FALSE(read->default_puk);
    CHECK(read->default_admin_key);
    CHECK(read->admin_algorithm == card::AdminAlgorithm::aes256);
    CHECK(read->keys == status.keys);
    CHECK(read->anti_hammering == status.anti_hammering);
    CHECK(read->locked_for == status.locked_for);
    CHECK(read->reset == status.reset);
    CHECK(read->pin_rules == status.pin_rules);
    CHECK(read->authority_fingerprint == status.authority_fingerprint);
    CHECK(read->session_life == std::chrono::hours(2));
    CHECK(read->version == "0.1.0");
}

TEST_CASE("a login's life is told where it is the driver's, too", "[apdu][admin]") {
    CardStatus status = example();
    status.pin_rules.session = std::chrono::seconds(0);
    status.session_life = std::chrono::hours(8);
    const auto read = admin::decode(admin::encode(status));
    REQUIRE(read);
    CHECK(read->pin_rules == status.pin_rules);
    CHECK(read->session_life == std::chrono::hours(8));
}

TEST_CASE("a status cut short or with a part missing is none", "[apdu][admin]") {
    const Bytes whole = admin::encode(example());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK_FALSE(admin::decode(ByteView(whole).first(size)));
    }
    const auto outer = parse_all(whole);
    const auto parts = parse_all(outer->front().value);
    for (const Tlv& left_out : *parts) {
        TlvWriter writer;
        writer.open(0xE1);
        for (const Tlv& part : *parts) {
            if (part.tag != left_out.tag) {
                writer.add(part.tag, part.value);
            }
        }
        const bool optional = left_out.tag == 0xAB || left_out.tag == 0x90;
        CHECK(admin::decode(writer.close().take()).has_value() == optional);
    }
}

TEST_CASE("a wait longer than four bytes say is told as the longest", "[apdu][admin]") {
    CardStatus status = example();
    status.locked_for = std::chrono::seconds(0x100000000);
    CHECK(admin::decode(admin::encode(status))->locked_for == std::chrono::seconds(0xFFFFFFFF));
    status.locked_for.reset();
    CHECK_FALSE(admin::decode(admin::encode(status))->locked_for);
}

TEST_CASE("values out of range are refused, unknown objects passed over", "[apdu][admin]") {
    Bytes bytes = admin::encode(example());
    append(bytes, hex("00"));
    CHECK_FALSE(admin::decode(bytes));
    const auto with = [](const std::string& extra) {
        const Bytes whole = admin::encode(example());
        const auto outer = parse_all(whole);
        TlvWriter writer;
        return admin::decode(
            writer.open(0xE1).raw(hex(extra)).raw(outer->front().value).close().take());
    };
    CHECK(with("9F7F03010203"));
    CHECK_FALSE(with("820103"));
    CHECK_FALSE(with("820100"));
    CHECK_FALSE(with("890105"));
    CHECK_FALSE(with("9003000001"));
    CHECK_FALSE(with("8603010203"));
    CHECK_FALSE(with("AB03800191"));
}
