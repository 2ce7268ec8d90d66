// SPDX-License-Identifier: Apache-2.0
#include "cli/driver_entry.hpp"
#include "cli/failure.hpp"
#include "cli/inventory.hpp"
#include "tests/catch.hpp"

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace tpmvsc;
using namespace tpmvsc::cli;

namespace {

namespace fs = std::filesystem;

/// A folder that is gone when the test ends.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string pattern = (fs::temp_directory_path() / "tpmvsc-test-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~TemporaryFolder() { fs::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(path_ / name) << text;
    }
    std::string path() const { return path_.string(); }

  private:
    fs::path path_;
};

KnownCard some_card(const std::string& name, unsigned slot, std::uint32_t serial,
                    std::uint8_t first) {
    KnownCard known;
    card::Identity identity;
    identity.id = Bytes(16, first);
    identity.name = name;
    identity.slot = slot;
    identity.serial = serial;
    known.identity = identity;
    known.folder = "/state/cards/" + to_hex(identity.id);
    return known;
}

} // namespace

TEST_CASE("the driver's entry is found whatever the file is called") {
    const TemporaryFolder folder;
    folder.write("vpcd",
                 "FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME x:1\nLIBPATH /usr/lib/libifdvpcd.so\n");
    folder.write("ours~", "# a comment\nFRIENDLYNAME  \"My Cards\"\nDEVICENAME tpm:default\n"
                          "LIBPATH   /usr/lib/pcsc/drivers/serial/libifdtpmvsc.so\n");
    folder.write(".hidden", "FRIENDLYNAME \"No\"\nLIBPATH /usr/lib/libifdtpmvsc.so\n");
    const auto entries = find_driver_entries(folder.path());
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].friendly_name == "My Cards");
    CHECK(entries[0].library == "/usr/lib/pcsc/drivers/serial/libifdtpmvsc.so");
    CHECK(find_driver_entries("/nonexistent").empty());
}

TEST_CASE("a reader's name tells the slot") {
    const ReaderNames names({});
    CHECK(names.reader_of(10) == "TPM Virtual Smart Card 00 0A");
    CHECK(names.slot_of("TPM Virtual Smart Card 00 0A") == 10u);
    CHECK(names.slot_of("TPM Virtual Smart Card 01 00") == 0u);
    CHECK_FALSE(names.slot_of("TPM Virtual Smart Card"));
    CHECK_FALSE(names.slot_of("TPM Virtual Smart Card 00 0"));
    CHECK_FALSE(names.slot_of("TPM Virtual Smart Card 00 xx"));
    CHECK_FALSE(names.slot_of("Yubico YubiKey CCID 00 00"));
    const ReaderNames alias({{"f", "Yubico YubiKey CCID", "l"}});
    CHECK(alias.slot_of("Yubico YubiKey CCID 00 01") == 1u);
}

TEST_CASE("a card is found by name, serial, id and slot") {
    Inventory inventory;
    inventory.cards = {some_card("laptop", 0, 111111, 0xA1), some_card("test", 1, 222222, 0xB2)};
    CHECK(find_card(inventory, "laptop").identity->slot == 0);
    CHECK(find_card(inventory, "222222").identity->slot == 1);
    CHECK(find_card(inventory, "1").identity->slot == 1);
    CHECK(find_card(inventory, "b2b2b2b2").identity->slot == 1);
    CHECK(find_card(inventory, inventory.cards[0].id()).identity->slot == 0);
    for (const char* text : {"", "nothing", "7", "b2b2", "-1"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(find_card(inventory, text), Failure);
    }
}

TEST_CASE("what could mean two cards means none") {
    Inventory inventory;
    inventory.cards = {some_card("1", 0, 111111, 0xA1), some_card("test", 1, 222222, 0xB2)};
    CHECK_THROWS_AS(find_card(inventory, "1"), Failure);
    CHECK(find_card(inventory, "0").identity->slot == 0);
}

TEST_CASE("who sees neither folders nor readers is told why, not that there is no such card") {
    Inventory inventory;
    inventory.no_readers = "pcscd does not let this user in";
    inventory.no_readers_code = ExitCode::not_authorised;
    const auto code = [&inventory] {
        try {
            find_card(inventory, "laptop");
        } catch (const Failure& failure) {
            return failure.code();
        }
        return ExitCode::done;
    };
    CHECK(code() == ExitCode::failed);
    inventory.folders_seen = false;
    CHECK(code() == ExitCode::not_authorised);
    CHECK_THROWS_WITH(find_card(inventory, "laptop"), inventory.no_readers);
}
