// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/minidriver_files.hpp"
#include "tests/catch.hpp"
#include "tests/unit/apdu_support.hpp"

using namespace tpmvsc;
using namespace tpmvsc::gids;
using test::hex;

namespace {

constexpr std::size_t container_bytes = 86;

Container exchange_container(const std::string& name, bool is_default = false) {
    return {name, is_default, 0, 2048};
}

} // namespace

TEST_CASE("the master file is read as it was written", "[gids]") {
    const std::vector<DirectoryEntry> entries{
        {"mscp", "", 0, directory_file},
        {"", "cardcf", tag_card_cache, everyone_reads_user_writes},
        {"mscp", "cmapfile", tag_container_map, everyone_reads_user_writes}};
    const Bytes file = encode_master_file(entries);
    CHECK(file.size() == 1 + 3 * 28);
    CHECK(equal(ByteView(file).subspan(29, 28),
                hex("000000000000000000 636172646366000000 0000 22DF0000 10A00000")));
    CHECK(decode_master_file(file) == entries);
    CHECK(decode_master_file(hex("01")) == std::vector<DirectoryEntry>());
    CHECK_FALSE(decode_master_file({}));
    CHECK_FALSE(decode_master_file(hex("02")));
    CHECK_FALSE(decode_master_file(ByteView(file).first(file.size() - 1)));
}

TEST_CASE("containers come, change and go", "[gids]") {
    ContainerMap map{Bytes()};
    CHECK(map.size() == 0);
    map.put(1, exchange_container("mail", true));
    CHECK(map.file().size() == 2 * container_bytes);
    CHECK_FALSE(map.at(0));
    CHECK(
        equal(ByteView(map.file()).subspan(container_bytes, 10), hex("6D00 6100 6900 6C00 0000")));
    CHECK(equal(ByteView(map.file()).subspan(container_bytes + 80), hex("0300 0000 0008")));
    map.put(0, {"signature", true, 3072, 0});
    REQUIRE(map.at(0));
    CHECK(map.at(0)->name == "signature");
    CHECK(map.at(0)->signature_bits == 3072);
    CHECK(map.at(0)->is_default);
    CHECK_FALSE(map.at(1)->is_default); // there is one at most
    map.clear(0);
    CHECK_FALSE(map.at(0));
    CHECK(map.size() == 2); // deleted records are zeroed, and stay
    CHECK(equal(ByteView(map.file()).first(container_bytes), Bytes(container_bytes, 0)));
    CHECK(map.at(1)->is_default); // the flag finds another one
    map.clear(1);
    map.clear(7);
    CHECK_FALSE(map.at(1));
    CHECK(map.size() == 2);
}

TEST_CASE("names of containers are UTF-16 on the card", "[gids]") {
    struct Row {
        std::string name;
        std::optional<std::size_t> units;
    };
    const Row row = GENERATE(Row{"", 0}, Row{"mail", 4}, Row{"J\xC3\xA4ne \xE2\x82\xAC", 6},
                             Row{"\xF0\x9F\x94\x91", 2}, Row{std::string(39, 'x'), 39},
                             Row{"\xC3", std::nullopt}, Row{"\xFF", std::nullopt},
                             Row{"\xED\xA0\x80", std::nullopt}, Row{"\xC0\x80", std::nullopt});
    CAPTURE(row.name);
    CHECK(container_name_units(row.name) == row.units);
    if (row.units) {
        ContainerMap map{Bytes()};
        map.put(0, exchange_container(row.name));
        CHECK(map.at(0)->name == row.name);
    }
}

TEST_CASE("half a pair in a name that somebody else wrote", "[gids]") {
    Bytes file(container_bytes, 0);
    const Bytes name = hex("61 00 3D D8 62 00");
    std::copy(name.begin(), name.end(), file.begin());
    file[80] = 1;
    CHECK(ContainerMap(file).at(0)->name == "a?b");
}

TEST_CASE("the key map follows the container map", "[gids]") {
    KeyMap keys{Bytes()};
    CHECK(keys.size() == 0);
    keys.fit(2);
    CHECK(keys.size() == 2);
    CHECK(equal(keys.file(), hex("01 00000000 0000 FFFF FFFF 0000 00000000 0000 FFFF FFFF 0000")));
    keys.put(1, card::KeyAlgorithm::rsa2048, true);
    keys.put(0, card::KeyAlgorithm::p256, false);
    keys.put(2, card::KeyAlgorithm::rsa2048, true); // there is no such record
    CHECK(equal(keys.file(), hex("01 01000000 0C9C 81B0 FFFF 0000 01000000 079A 82B0 FFFF 0000")));
    keys.clear(0);
    keys.fit(1);
    CHECK(equal(keys.file(), hex("01 00000000 0000 FFFF FFFF 0000")));
}

TEST_CASE("the cache's counters go round", "[gids]") {
    CHECK(equal(freshened(hex("000000000000"), true, false), hex("0000 0100 0000")));
    CHECK(equal(freshened(hex("0100FF00FFFF"), true, true), hex("0100 0001 0000")));
    CHECK(equal(freshened({}, false, true), hex("0000 0000 0100")));
}

TEST_CASE("what a key file lets its key be used for", "[gids]") {
    CHECK(references_of(card::KeyAlgorithm::rsa2048, Usage::sign) ==
          std::vector<std::uint8_t>{0x17, 0x57});
    CHECK(references_of(card::KeyAlgorithm::rsa1024, Usage::decipher) ==
          std::vector<std::uint8_t>{0x06, 0x46, 0x86});
    CHECK(references_of(card::KeyAlgorithm::p384, Usage::sign) == std::vector<std::uint8_t>{0x1D});
    CHECK(references_of(card::KeyAlgorithm::p384, Usage::decipher).empty());
    for (const auto algorithm : tpm::all_key_algorithms) {
        CHECK(generate_algorithm(reference_of(algorithm)) == algorithm);
    }
}
