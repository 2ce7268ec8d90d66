// SPDX-License-Identifier: Apache-2.0
#include "apdu/make_card_edge.hpp"
#include "card/records.hpp"
#include "tests/catch.hpp"
#include "tests/tpm/card_fixture.hpp"
#include "tests/tpm/thief.hpp"

// A blank GIDS card's way to being personalised, what is left of it afterwards, and interruptions.

using namespace tpmvsc;
using namespace tpmvsc::card;

namespace {

/// BlankCard is a GIDS card in personalisation.
struct BlankCard {
    explicit BlankCard(bool with_puk) {
        CreateOptions options;
        options.name = "Blank";
        options.profile = Profile::gids;
        options.blank = true;
        options.pin = SecretBytes(as_bytes("12345678"));
        options.admin_resets_pin = !with_puk;
        if (with_puk)
            options.puk = SecretBytes(as_bytes("87654321"));
        options.admin_key = SecretBytes(default_admin_key(AdminAlgorithm::tdes));
        const Identity identity = create(store, tpm, std::move(options), {});
        path = store.path() + "/" + to_hex(identity.id);
        reopen();
    }
    void reopen() { card = Card::open(path, tpm); }
    PinRecord pins() { return PinRecord::read(*Thief(path, tpm).files); }
    std::string send(const std::string& header, const std::string& text) {
        const auto edge = apdu::make_card_edge(*card);
        Bytes command = from_hex(header).value();
        command.push_back(static_cast<std::uint8_t>(text.size()));
        append(command, as_bytes(text));
        return to_hex(edge->transmit(command));
    }

    test::Swtpm swtpm;
    tpm::Tpm tpm{swtpm.tcti(), std::chrono::seconds(2)};
    Store store{swtpm.folder() + "/cards"};
    std::string path;
    std::unique_ptr<Card> card;
};

} // namespace

TEST_CASE("Attack: putting a blank card's file back after its activation") {
    const bool with_puk = GENERATE(false, true);
    BlankCard blank(with_puk);
    REQUIRE(blank.card->is_blank());
    REQUIRE(blank.card->initial_admin_session());
    const Folder folder(blank.path);
    const auto copy = folder.read(PersonalisationRecord::file);
    REQUIRE(copy);
    blank.card->activate();
    CHECK_FALSE(folder.read(PersonalisationRecord::file));
    folder.write(PersonalisationRecord::file, *copy);
    blank.reopen();
    CHECK_FALSE(blank.card->is_blank());
    CHECK_FALSE(blank.card->initial_admin_session());
    for (const PinKind kind : {PinKind::pin, PinKind::puk})
        CHECK(blank.card->set_initial(kind, as_bytes("00000000")).result ==
              PinOutcome::Result::absent);
    CHECK(blank.card->verify_pin(as_bytes("12345678")).right());
}

TEST_CASE("an activation that was interrupted has happened") {
    BlankCard blank(false);
    const Folder folder(blank.path);
    const auto file = folder.read(PersonalisationRecord::file);
    blank.card->activate();
    folder.write(PersonalisationRecord::file, *file); // the removal did not reach the disk
    blank.reopen();
    CHECK_FALSE(blank.card->is_blank());
    blank.card->activate();
    CHECK_FALSE(folder.read(PersonalisationRecord::file));
}

TEST_CASE("a first PIN needs no former one, and wrong ones are not in its way") {
    BlankCard blank(GENERATE(false, true));
    for (int i = 0; i < 3; ++i)
        CHECK_FALSE(blank.card->verify_pin(as_bytes("00000000")).right());
    CHECK(blank.card->set_initial(PinKind::pin, as_bytes("97531")).right());
    CHECK(blank.card->tries(PinKind::pin).left == 3);
    CHECK(blank.card->verify_pin(as_bytes("97531")).right());
    CHECK(blank.card->lengths_of(PinKind::pin) == std::vector<std::size_t>{5});
}

TEST_CASE("a change that was cut off between TPM and disk costs no try for good") {
    BlankCard blank(true);
    blank.card->activate();
    const PinRecord before = blank.pins();
    // The TPM has made the change; what the disk has is the announcement.
    REQUIRE(blank.card->change(PinKind::puk, as_bytes("87654321"), as_bytes("1234567890")).right());
    REQUIRE(blank.card->change(PinKind::pin, as_bytes("12345678"), as_bytes("2468")).right());
    PinRecord announced = before;
    announced.next_puk_length = 10;
    announced.next_pin_length = 4;
    announced.write(*Thief(blank.path, blank.tpm).files);
    blank.reopen();
    CHECK(blank.card->lengths_of(PinKind::puk) == std::vector<std::size_t>{8, 10});
    CHECK(blank.send("002C0080", "1234567890"
                                 "13579") == "9000");
    CHECK(blank.card->tries(PinKind::puk).left == 3);
    CHECK(blank.card->verify_pin(as_bytes("13579")).right());
    CHECK(blank.send("00240080", "13579"
                                 "123456") == "9000");
    // And the other way: announced, but not made.
    announced = blank.pins();
    announced.next_pin_length = 12;
    announced.write(*Thief(blank.path, blank.tpm).files);
    blank.reopen();
    CHECK(blank.send("00240080", "123456"
                                 "654321") == "9000");
    CHECK(blank.card->lengths_of(PinKind::pin) == std::vector<std::size_t>{6});
}

TEST_CASE("a refused change leaves no second length behind") {
    BlankCard blank(true);
    blank.card->activate();
    CHECK(blank.send("00240080", "00000000"
                                 "123456") == "63c2");
    CHECK(blank.card->lengths_of(PinKind::pin) == std::vector<std::size_t>{8});
    CHECK(blank.send("002C0080", "00000000"
                                 "123456") == "63c2");
    CHECK(blank.card->lengths_of(PinKind::pin) == std::vector<std::size_t>{8});
}

TEST_CASE("a damaged key can be deleted") {
    BlankCard blank(false);
    blank.card->generate_key(0x81, KeyAlgorithm::p256, PinPolicy::once);
    const Folder folder(blank.path);
    Bytes file = folder.read(key_file(0x81)).value();
    file.back() ^= 0x01;
    folder.write(key_file(0x81), file);
    blank.reopen();
    CHECK_THROWS(blank.card->key(0x81));
    CHECK(blank.card->delete_key(0x81));
    CHECK_FALSE(blank.card->key(0x81));
}
