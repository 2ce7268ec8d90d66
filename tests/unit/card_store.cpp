// SPDX-License-Identifier: Apache-2.0
#include "card/store.hpp"

#include "base/log.hpp"
#include "card/errors.hpp"
#include "tests/catch.hpp"
#include "tests/unit/base_child.hpp"
#include "tests/unit/base_scratch.hpp"
#include "tests/unit/card_faults.hpp"
#include "tests/unit/card_samples.hpp"

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

using namespace tpmvsc;
using namespace tpmvsc::card;
using tpmvsc::test::sample_file;
using tpmvsc::test::Scratch;

namespace {

/// Creates the card as the tool does; gives its path.
std::string make_card(const Store& store, IdentityFile file) {
    const Folder hidden = store.begin_create(file.identity);
    file.write(hidden);
    return store.commit_create(hidden, file.identity);
}

std::string hex_id(std::uint8_t mark) {
    return to_hex(Bytes(16, mark));
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("an absent store holds no card and has all slots free") {
    const Scratch scratch;
    const Store store(scratch.path("state/cards"));
    CHECK(store.list().empty());
    CHECK(store.leftovers().empty());
    CHECK(store.free_slot() == 0u);
    CHECK_FALSE(std::filesystem::exists(scratch.path("state"))); // looking makes nothing
}

TEST_CASE("a card becomes visible by its commit and not before") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    IdentityFile file = sample_file(0xab, 2);
    const Folder hidden = store.begin_create(file.identity);
    file.write(hidden);
    CHECK(store.list().empty());
    REQUIRE(store.leftovers().size() == 1);
    CHECK(store.leftovers()[0].path() == hidden.path());

    const std::string path = store.commit_create(hidden, file.identity);
    CHECK(path == scratch.path("cards/" + hex_id(0xab)));
    CHECK(store.leftovers().empty());
    const auto cards = store.list();
    REQUIRE(cards.size() == 1);
    CHECK(cards[0].folder == path);
    CHECK(cards[0].problem.empty());
    REQUIRE(cards[0].identity.has_value());
    CHECK(cards[0].identity->id == file.identity.id);
    CHECK(cards[0].identity->slot == 2);
}

TEST_CASE("a card under construction cannot be begun twice") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    store.begin_create(sample_file().identity);
    CHECK_THROWS_AS(store.begin_create(sample_file().identity), std::runtime_error);
}

TEST_CASE("a commit replaces no card") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    make_card(store, sample_file(1, 0));
    CHECK_THROWS_AS(make_card(store, sample_file(1, 5)), StorageError);
    REQUIRE(store.list().size() == 1);
    CHECK(store.list()[0].identity->slot == 0);
}

TEST_CASE("a destroyed card is out of sight first, then erased") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    const std::string path = make_card(store, sample_file(1, 0));
    make_card(store, sample_file(2, 1));
    const Folder hidden = store.begin_destroy(path);
    CHECK_FALSE(std::filesystem::exists(path));
    REQUIRE(store.list().size() == 1);
    CHECK(store.list()[0].identity->slot == 1);
    REQUIRE(store.leftovers().size() == 1);
    CHECK(store.leftovers()[0].path() == hidden.path());
    // What the TPM is to be cleared of is still known.
    CHECK(IdentityFile::read(hidden).identity.id == Bytes(16, 1));

    std::filesystem::create_directories(hidden.path() + "/deep/er");
    store.erase(hidden);
    CHECK_FALSE(std::filesystem::exists(hidden.path()));
    CHECK(store.leftovers().empty());
    CHECK(store.list().size() == 1);
    store.erase(hidden); // a second sweep finds nothing to do
}

TEST_CASE("a destruction that cleared nothing is taken back") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    const std::string path = make_card(store, sample_file(1, 3));
    store.undo_destroy(store.begin_destroy(path), path);
    REQUIRE(store.list().size() == 1);
    CHECK(store.list()[0].folder == path);
    CHECK(store.list()[0].problem.empty());
    CHECK(store.leftovers().empty());
}

TEST_CASE("a card that was destroyed halfway and brought back can be destroyed again") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    store.begin_destroy(make_card(store, sample_file(1)));
    store.begin_destroy(make_card(store, sample_file(1)));
    CHECK(store.leftovers().size() == 2);
}

TEST_CASE("every step is durable before it returns") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    IdentityFile file = sample_file();
    const Folder hidden = store.begin_create(file.identity);
    file.write(hidden);
    std::string path;
    const std::vector<std::string> once{"rename", "fsync folder"};
    {
        const test::FaultScope scope;
        path = store.commit_create(hidden, file.identity);
    }
    CHECK(test::faults().calls == once);
    Folder doomed("");
    {
        const test::FaultScope scope;
        doomed = store.begin_destroy(path);
    }
    CHECK(test::faults().calls == once);
    {
        const test::FaultScope scope;
        store.erase(doomed);
    }
    CHECK(test::faults().calls == std::vector<std::string>{"fsync folder"});
}

TEST_CASE("a step that was made is done, also where the disk does not confirm it") {
    static std::vector<std::string> said;
    said.clear();
    set_log_sink([](LogLevel level, const char* line) {
        if (level == LogLevel::error)
            said.emplace_back(line);
    });
    const auto unconfirmed = [](const auto& step) {
        const test::FaultScope scope("fsync folder", EIO);
        return step();
    };
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    const auto finished = [&store](std::uint8_t mark) {
        IdentityFile file = sample_file(mark);
        Folder hidden = store.begin_create(file.identity);
        file.write(hidden);
        return std::pair(hidden, file.identity);
    };
    const auto [first, identity] = finished(1);
    const std::string path =
        unconfirmed([&, &made = first, &id = identity] { return store.commit_create(made, id); });
    CHECK(store.list().size() == 1);
    CHECK(said.size() == 1);

    const auto second = finished(2).first;
    CHECK_FALSE(unconfirmed([&] { return store.exchange(second, path); }));
    CHECK(IdentityFile::read(Folder(path)).identity.id == Bytes(16, 2));
    CHECK(IdentityFile::read(second).identity.id == Bytes(16, 1));
    CHECK(said.size() == 2);

    const Folder hidden = unconfirmed([&] { return store.begin_destroy(path); });
    CHECK(store.list().empty());
    unconfirmed([&] { return store.undo_destroy(hidden, path); });
    CHECK(store.list().size() == 1);
    unconfirmed([&] { return store.erase(second); });
    CHECK(store.leftovers().empty());
    CHECK(said.size() == 5);
    for (const std::string& line : said)
        CHECK(contains(line, "a power cut may take that back"));
    set_log_sink(nullptr);
}

TEST_CASE("a step whose rename fails is not made") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    const std::string path = make_card(store, sample_file(1));
    IdentityFile file = sample_file(2);
    const Folder hidden = store.begin_create(file.identity);
    file.write(hidden);
    const auto refuses = [](const char* call, const auto& step) {
        const test::FaultScope scope(call, EIO);
        CHECK_THROWS_AS(step(), StorageError);
    };
    refuses("rename", [&] { store.commit_create(hidden, file.identity); });
    refuses("exchange", [&] { store.exchange(hidden, path); });
    refuses("rename", [&] { store.begin_destroy(path); });
    refuses("fsync folder", [&] { store.sync(); });
    REQUIRE(store.list().size() == 1);
    CHECK(store.list()[0].identity->id == Bytes(16, 1));
    CHECK(store.leftovers().size() == 1);
    CHECK(store.exchange(hidden, path));
    CHECK(store.list()[0].problem != "");
}

TEST_CASE("a hidden folder is stripped of all but one file") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    const std::string path = make_card(store, sample_file(1));
    scratch.put("cards/" + hex_id(1) + "/indices", "kept");
    scratch.put("cards/" + hex_id(1) + "/.tmp-1", "");
    CHECK_THROWS_AS(store.strip(Folder(path), "indices"), std::invalid_argument);
    const Folder hidden = store.begin_destroy(path);
    std::filesystem::create_directories(hidden.path() + "/deep/er");
    store.strip(hidden, "indices");
    CHECK(Folder(hidden).read("indices") == to_bytes("kept"));
    const std::filesystem::directory_iterator all(hidden.path());
    CHECK(std::distance(begin(all), end(all)) == 1);
    CHECK(store.leftovers().size() == 1);
}

TEST_CASE("only hidden folders of this store are erased, committed or destroyed") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    const std::string path = make_card(store, sample_file());
    std::filesystem::create_directories(scratch.path("cards/.git"));
    std::filesystem::create_directories(scratch.path("other/.new-x"));
    for (const std::string& target :
         {path, scratch.path("cards/.git"), scratch.path("other/.new-x"), scratch.path("cards"),
          scratch.path("cards/"), scratch.path("cards/.."), scratch.path("cards/../other/.new-x"),
          std::string(".new-x")}) {
        INFO(target);
        CHECK_THROWS_AS(store.erase(Folder(target)), std::invalid_argument);
        CHECK_THROWS_AS(store.commit_create(Folder(target), sample_file().identity),
                        std::invalid_argument);
    }
    for (const std::string& target :
         {scratch.path("other"), scratch.path("cards/.."), scratch.path("cards"), std::string()})
        CHECK_THROWS_AS(store.begin_destroy(target), std::invalid_argument);
    CHECK(std::filesystem::exists(scratch.path("cards/.git")));
    CHECK(std::filesystem::exists(scratch.path("other/.new-x")));
    CHECK(store.list().size() == 1);
}

TEST_CASE("cards are listed by slot, the lowest free slot is the next") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    make_card(store, sample_file(3, 0));
    make_card(store, sample_file(1, 15));
    make_card(store, sample_file(2, 1));
    std::vector<unsigned> slots;
    for (const StoredCard& card : store.list())
        slots.push_back(card.identity->slot);
    CHECK(slots == std::vector<unsigned>{0, 1, 15});
    CHECK(store.free_slot() == 2u);
    for (unsigned slot = 2; slot < 15; ++slot)
        make_card(store, sample_file(static_cast<std::uint8_t>(0x20 + slot), slot));
    CHECK(store.free_slot() == std::nullopt);
}

TEST_CASE("of two cards in one slot the one that came later has a problem") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    make_card(store, sample_file(1, 4, "2025-06-02T00:00:00Z"));
    make_card(store, sample_file(9, 4, "2025-06-01T00:00:00Z"));
    make_card(store, sample_file(5, 4, "2025-06-02T00:00:00Z"));
    const auto cards = store.list();
    REQUIRE(cards.size() == 3);
    CHECK(cards[0].identity->id[0] == 9);
    CHECK(cards[0].problem.empty());
    CHECK(cards[1].identity->id[0] == 1);
    CHECK(cards[2].identity->id[0] == 5);
    for (std::size_t later : {1, 2}) {
        CHECK(contains(cards[later].problem, "claims slot 4"));
        CHECK(contains(cards[later].problem, cards[0].folder));
    }
    CHECK(store.free_slot() == 0u);
}

TEST_CASE("a broken card is listed with its reason and hides no other") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    make_card(store, sample_file(1, 0));
    std::filesystem::create_directory(scratch.path("cards/" + hex_id(2)));
    std::filesystem::create_directory(scratch.path("cards/" + hex_id(3)));
    scratch.put("cards/" + hex_id(3) + "/identity", "version = 9\n");
    scratch.put("cards/" + hex_id(4), "a file with the name of a card");
    const auto cards = store.list();
    REQUIRE(cards.size() == 4);
    CHECK(cards[0].problem.empty());
    for (std::size_t i = 1; i < 4; ++i)
        CHECK_FALSE(cards[i].identity.has_value());
    CHECK(contains(cards[1].problem, hex_id(2) + "/identity is damaged: it is missing"));
    CHECK(contains(cards[2].problem, "format version 9"));
    CHECK(contains(cards[3].problem, "no folder"));
}

TEST_CASE("a copied folder is told, and the card it was copied from is not disturbed") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    const std::string path = make_card(store, sample_file(7, 0));
    std::filesystem::copy(path, scratch.path("cards/a copy"));
    std::filesystem::copy(path, scratch.path("cards/" + hex_id(1)));
    const auto cards = store.list();
    REQUIRE(cards.size() == 3);
    for (const StoredCard& card : cards)
        CHECK(card.problem.empty() == (card.folder == path));
}

TEST_CASE("a card with a problem keeps its slot") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    const std::string path = make_card(store, sample_file(7, 0));
    std::filesystem::rename(path, scratch.path("cards/renamed"));
    REQUIRE(store.list().size() == 1);
    CHECK(contains(store.list()[0].problem, "copied or renamed"));
    CHECK(store.free_slot() == 1u);
}

TEST_CASE("what is no card is passed over") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    make_card(store, sample_file());
    scratch.put("cards/README", "");
    scratch.put("cards/.hidden", "");
    for (const char* name : {"lost+found", ".git", ".new", "0123", ".oldish"})
        std::filesystem::create_directory(scratch.path("cards/") + name);
    std::filesystem::create_symlink("/nowhere", scratch.path("cards/link"));
    scratch.put("cards/.new-file", "");
    CHECK(store.list().size() == 1);
    CHECK(store.leftovers().empty());
}

TEST_CASE("who may not read the store is told to be root") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    const std::string path = make_card(store, sample_file());
    REQUIRE(::chmod(scratch.root().c_str(), 0755) == 0);
    const auto listing = [&] {
        try {
            const auto cards = store.list();
            return std::to_string(cards.size()) + " " + cards.at(0).problem;
        } catch (const StorageError& error) {
            const bool right = error.reason() == StorageError::Reason::unwritable;
            return (right ? "unwritable " : "other ") + std::string(error.what());
        }
    };
    REQUIRE(::chmod(scratch.path("cards").c_str(), 0700) == 0);
    const auto as_owner = [&] {
        return ::geteuid() == 0 ? test::in_child_without_root(listing)
                                : (::chmod(scratch.path("cards").c_str(), 0), listing());
    };
    CHECK(as_owner() == "unwritable " + scratch.path("cards") +
                            " cannot be opened: Permission denied. Run as root, or give the user "
                            "of pcscd this folder.");
    REQUIRE(::chmod(scratch.path("cards").c_str(), 0755) == 0);
    REQUIRE(::chmod(path.c_str(), 0) == 0);
    const std::string one_closed = test::in_child_without_root(listing);
    CHECK(contains(one_closed, "1 " + path +
                                   "/identity cannot be read: Permission denied. Run as "
                                   "root"));
    REQUIRE(::chmod(path.c_str(), 0700) == 0);
}
