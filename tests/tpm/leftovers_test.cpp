// SPDX-License-Identifier: Apache-2.0

// What creating, resetting and destroying leave behind when TPM or disk fail in the middle, and
// that it goes later.
#include "card/errors.hpp"
#include "card/indices_file.hpp"
#include "tests/catch.hpp"
#include "tests/tpm/card_fixture.hpp"
#include "tests/unit/card_faults.hpp"
#include "tpm/error.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

using namespace tpmvsc;

namespace {

std::vector<std::string> entries(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        names.push_back(entry.path().filename());
    return names;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("A card that is destroyed without its TPM is cleared from it later") {
    CardFixture fixture;
    const std::uint32_t with_card = fixture.nv_indices();
    fixture.card.reset();
    fixture.tpm.close();
    fixture.swtpm.stop();
    const auto left = card::destroy(fixture.store, fixture.tpm, fixture.folder, {});
    REQUIRE(left.size() == 1);
    CHECK(contains(left[0], "still in the TPM"));
    CHECK(fixture.store.list().empty());
    // Nothing stays but the record: no key, and no name.
    const auto hidden = fixture.store.leftovers();
    REQUIRE(hidden.size() == 1);
    CHECK(entries(hidden[0].path()) == std::vector<std::string>{card::IndicesFile::name});

    CHECK_THROWS_AS(card::sweep(fixture.store, fixture.tpm, {}), tpm::Error);
    CHECK(fixture.store.leftovers().size() == 1);
    fixture.swtpm.start();
    CHECK(fixture.nv_indices() == with_card);
    card::sweep(fixture.store, fixture.tpm, {});
    CHECK(fixture.nv_indices() == with_card - 3);
    CHECK(fixture.store.leftovers().empty());
}

TEST_CASE("A record that is damaged is given up, one that cannot be read now is not") {
    CardFixture fixture;
    const std::uint32_t with_card = fixture.nv_indices();
    const card::Folder hidden = fixture.store.begin_destroy(fixture.folder);
    const std::string record = hidden.path() + "/" + card::IndicesFile::name;
    SECTION("damaged") {
        std::ofstream(record) << "nonsense";
        card::sweep(fixture.store, fixture.tpm, {});
        CHECK(fixture.store.leftovers().empty());
    }
    SECTION("a card that a power cut may bring back keeps its indices") {
        const test::FaultScope scope("fsync folder", EIO);
        CHECK_THROWS_AS(card::sweep(fixture.store, fixture.tpm, {}), card::StorageError);
        CHECK(fixture.store.leftovers().size() == 1);
    }
    CHECK(fixture.nv_indices() == with_card);
}

TEST_CASE(
    "A reset that only the disk does not confirm is made, and the old card kept for a sweep") {
    CardFixture fixture;
    card::Card& card = *fixture.card;
    const std::uint32_t with_card = fixture.nv_indices();
    REQUIRE(card.change(card::PinKind::pin, as_bytes("123456"), as_bytes("739164")).right());
    card.generate_key(0x9A, card::KeyAlgorithm::p256, card::PinPolicy::once);
    {
        const test::FaultScope scope("fsync folder", EIO);
        test::faults().after = "exchange";
        CHECK_THROWS_AS(card.reset({{0x5FC102, Bytes(10, 2)}}), card::StorageError);
    }
    // The same object, and one that is opened anew, are the new card.
    for (int round = 0; round < 2; ++round) {
        CHECK(fixture.card->verify_pin(as_bytes("123456")).right());
        CHECK(fixture.card->key_slots().empty());
        CHECK(fixture.card->object_tags() == std::vector<card::ObjectTag>{0x5FC102});
        fixture.reopen();
    }
    CHECK(fixture.store.list().size() == 1);
    CHECK(fixture.store.leftovers().size() == 1);
    CHECK(fixture.nv_indices() == with_card + 3);
    card::sweep(fixture.store, fixture.tpm, {});
    CHECK(fixture.nv_indices() == with_card);
    CHECK(fixture.card->verify_pin(as_bytes("123456")).right());
}

TEST_CASE("A card is made although only the disk does not confirm it") {
    CardFixture fixture;
    const std::uint32_t with_card = fixture.nv_indices();
    {
        // The first one after the last file is that of the cards folder, when the card is shown.
        const test::FaultScope scope;
        fixture.add_card("Counted");
    }
    const auto& calls = test::faults().calls;
    REQUIRE(calls.size() > 2);
    CHECK(calls[calls.size() - 2] == "rename");
    CHECK(calls.back() == "fsync folder");
    const auto renames = std::count(calls.begin(), calls.end(), "rename");
    {
        const test::FaultScope scope("fsync folder", EIO);
        test::faults().after = "rename";
        test::faults().after_times = static_cast<std::size_t>(renames);
        fixture.add_card("Unconfirmed");
    }
    CHECK(fixture.store.list().size() == 3);
    CHECK(fixture.store.leftovers().empty());
    CHECK(fixture.nv_indices() == with_card + 6);
    CHECK(fixture.card->verify_pin(as_bytes("123456")).right());
}

TEST_CASE("Who looks at a card leaves alone what its driver is just writing") {
    CardFixture fixture;
    std::ofstream(fixture.folder + "/.tmp-0011223344556677") << "half a key";
    fixture.reopen();
    CHECK(fixture.card->tries(card::PinKind::pin).left == 3);
    CHECK(fixture.card->key_slots().empty());
    CHECK(std::filesystem::exists(fixture.folder + "/.tmp-0011223344556677"));
}

TEST_CASE("A full disk changes neither the PIN nor what its history knows") {
    CardFixture fixture;
    auto options = fixture.options("Remembers");
    options.pin_rules.history = 2;
    const auto identity = card::create(fixture.store, fixture.tpm, std::move(options), {});
    fixture.folder = fixture.store.path() + "/" + to_hex(identity.id);
    fixture.reopen();
    const auto change = [&](const char* from, const char* to) {
        return fixture.card->change(card::PinKind::pin, as_bytes(from), as_bytes(to)).result;
    };
    using Result = card::PinOutcome::Result;
    REQUIRE(change("123456", "222222") == Result::right);
    SECTION("before the TPM has the new PIN") {
        {
            const test::FaultScope scope("fsync file", ENOSPC);
            CHECK_THROWS_AS(change("222222", "333333"), card::StorageError);
        }
        CHECK(fixture.card->verify_pin(as_bytes("222222")).right());
        CHECK(change("222222", "333333") == Result::right);
    }
    SECTION("afterwards: what was noted before counts") {
        {
            const test::FaultScope scope("fsync file", ENOSPC);
            test::faults().after = "rename";
            CHECK(change("222222", "333333") == Result::right);
        }
        fixture.reopen();
        CHECK(change("333333", "333333") == Result::refused);
    }
    CHECK(change("333333", "222222") == Result::refused);
    CHECK(change("333333", "123456") == Result::right);
}
