// SPDX-License-Identifier: Apache-2.0
#include "card/identity_file.hpp"

#include "base/crypto.hpp"
#include "card/errors.hpp"
#include "tests/catch.hpp"
#include "tests/unit/base_scratch.hpp"
#include "tests/unit/card_samples.hpp"

#include <stdexcept>
#include <utility>

using namespace tpmvsc;
using namespace tpmvsc::card;
using tpmvsc::test::sample_file;
using tpmvsc::test::Scratch;
using Reason = StorageError::Reason;

namespace {

// What version 1 looks like on disk, for good: its digest binds every file of a card.
const char* const sample_body = "version = 1\n"
                                "algorithms = rsa2048 p256\n"
                                "card_key_private = 0203\n"
                                "card_key_public = 01\n"
                                "created = 2025-01-31T23:59:59Z\n"
                                "id = 11111111111111111111111111111111\n"
                                "name = Work card\n"
                                "parent_handle = 2164260865\n"
                                "parent_name = 2222222222222222222222222222222222"
                                "2222222222222222222222222222222222\n"
                                "parent_public = 0023\n"
                                "profile = piv\n"
                                "serial = 12345678\n"
                                "slot = 0\n";

std::string with_checksum(const std::string& body) {
    return body + "checksum = " + to_hex(crypto::sha256({as_bytes(body)})) + "\n";
}

/// The sample with the line of `key` replaced by `line` (with its newline; empty takes it out).
std::string with_line(const std::string& key, const std::string& line) {
    std::string body = sample_body;
    const std::size_t start = body.find("\n" + key + " = ") + 1;
    REQUIRE(start != 0);
    return with_checksum(body.replace(start, body.find('\n', start) + 1 - start, line));
}

/// What reading this text comes to: "read", "damaged" or "unknown version".
std::string outcome(const std::string& text) {
    static const Scratch scratch;
    scratch.put("identity", text);
    try {
        IdentityFile::read(Folder(scratch.root()));
        return "read";
    } catch (const StorageError& error) {
        if (std::string(error.what()).rfind(scratch.path("identity") + " ", 0) != 0)
            return "unnamed";
        if (error.reason() == Reason::damaged)
            return "damaged";
        return error.reason() == Reason::unknown_version ? "unknown version" : "other";
    }
}

} // namespace

TEST_CASE("an identity is written in its fixed form and read back") {
    const Scratch scratch;
    const Folder folder(scratch.root());
    IdentityFile file = sample_file();
    file.write(folder);
    const std::string text = scratch.get("identity");
    CHECK(text == with_checksum(sample_body));
    CHECK(file.binding == crypto::sha256({as_bytes(text)}));

    const IdentityFile read = IdentityFile::read(folder);
    CHECK(read.binding == file.binding);
    CHECK(read.identity.id == file.identity.id);
    CHECK(read.identity.name == file.identity.name);
    CHECK(read.identity.profile == file.identity.profile);
    CHECK(read.identity.slot == file.identity.slot);
    CHECK(read.identity.serial == file.identity.serial);
    CHECK(read.identity.created == file.identity.created);
    CHECK(read.anchor.parent_handle == file.anchor.parent_handle);
    CHECK(read.anchor.parent_public == file.anchor.parent_public);
    CHECK(read.anchor.parent_name == file.anchor.parent_name);
    CHECK(read.anchor.card_key_public == file.anchor.card_key_public);
    CHECK(read.anchor.card_key_private == file.anchor.card_key_private);
    CHECK(read.anchor.algorithms == file.anchor.algorithms);
}

TEST_CASE("the far ends of each field are taken") {
    const Scratch scratch;
    const Folder folder(scratch.root());
    IdentityFile file = sample_file(0xff, 15);
    file.identity.profile = Profile::gids;
    file.identity.serial = UINT32_MAX;
    file.identity.name = "# = \xc3\xbc \xf0\x9f\x94\x91";
    file.anchor.parent_handle = UINT32_MAX;
    file.write(folder);
    const IdentityFile read = IdentityFile::read(folder);
    CHECK(read.identity.profile == Profile::gids);
    CHECK(read.identity.slot == 15);
    CHECK(read.identity.serial == UINT32_MAX);
    CHECK(read.identity.name == file.identity.name);
    CHECK(read.anchor.parent_handle == UINT32_MAX);
}

TEST_CASE("another identity has another binding") {
    const Scratch scratch;
    const Folder folder(scratch.root());
    IdentityFile one = sample_file();
    IdentityFile other = sample_file();
    other.identity.name = "Work card 2";
    one.write(folder);
    other.write(folder);
    CHECK(one.binding != other.binding);
}

TEST_CASE("every single bit that changes in the identity is noticed") {
    const std::string good = with_checksum(sample_body);
    REQUIRE(outcome(good) == "read");
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string altered = good;
        altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
        INFO("bit " << bit);
        const std::string came = outcome(altered);
        CHECK((came == "damaged" || (came == "unknown version" && bit / 8 == 10)));
    }
}

TEST_CASE("an identity cut short anywhere, or longer, is noticed") {
    const std::string good = with_checksum(sample_body);
    for (std::size_t size = 0; size < good.size(); ++size) {
        INFO("cut to " << size);
        CHECK(outcome(good.substr(0, size)) == "damaged");
    }
    CHECK(outcome(good + "\n") == "damaged");
    CHECK(outcome(good + "slot = 1\n") == "damaged");
}

TEST_CASE("every field must be there and well-formed, whatever the checksum says") {
    for (const char* key :
         {"algorithms", "card_key_private", "card_key_public", "created", "id", "name",
          "parent_handle", "parent_name", "parent_public", "profile", "serial", "slot"}) {
        INFO(key);
        CHECK(outcome(with_line(key, "")) == "damaged");
        CHECK(outcome(with_line(key, std::string(key) + " =\n")) == "damaged");
        CHECK(outcome(with_line(key, std::string(key) + " = a\n" + key + " = b\n")) == "damaged");
    }
    const std::vector<std::pair<std::string, std::string>> malformed = {
        {"id", "11"},
        {"id", "1111111111111111111111111111111111"},
        {"id", "1111111111111111111111111111111g"},
        {"name", std::string(101, 'x')},
        {"name", "a\xff"},
        {"name", "a\xc2\x85"},
        {"profile", "PIV"},
        {"profile", "openpgp"},
        {"slot", "16"},
        {"slot", "-1"},
        {"slot", "0x1"},
        {"slot", "4294967296"},
        {"serial", "4294967296"},
        {"serial", "12a"},
        {"created", "2025-01-31 23:59:59"},
        {"created", "2025-01-31T23:59:59+00:00"},
        {"created", "2025-01-31T23:59:5xZ"},
        {"parent_handle", "0x81000001"},
        {"parent_handle", "4294967296"},
        {"parent_name", "222"},
        {"algorithms", "rsa2048  p256"},
        {"algorithms", "p\xc3\xa4"},
    };
    for (const auto& [key, value] : malformed) {
        INFO(key << " = " << value);
        CHECK(outcome(with_line(key, key + " = " + value + "\n")) == "damaged");
    }
}

TEST_CASE("a field that this version does not know is passed over") {
    CHECK(outcome(with_line("slot", "slot = 3\nsoul = none\n")) == "read");
}

TEST_CASE("a newer version of the identity is refused by name") {
    CHECK(outcome("version = 2\nall else may differ") == "unknown version");
    CHECK(outcome("version = 10\n") == "unknown version");
    for (const char* text : {"", "\n", "version = 2", "version = 0\n", "version = x\n",
                             "version = 1 \n", "version = 01\n", "version = -2\n", "version =\n",
                             "Version = 2\n", "version = 99999999999\n"}) {
        INFO(text);
        CHECK(outcome(text) == "damaged");
    }
}

TEST_CASE("a missing identity is damage, named") {
    const Scratch scratch;
    try {
        IdentityFile::read(Folder(scratch.root()));
        FAIL("read");
    } catch (const StorageError& error) {
        CHECK(error.reason() == Reason::damaged);
        CHECK(std::string(error.what()).rfind(scratch.path("identity") + " is damaged", 0) == 0);
    }
}

TEST_CASE("nothing is written that would not be read") {
    const Scratch scratch;
    const Folder folder(scratch.root());
    const std::vector<void (*)(IdentityFile&)> spoilers = {
        [](IdentityFile& file) { file.identity.id.pop_back(); },
        [](IdentityFile& file) { file.identity.name = ""; },
        [](IdentityFile& file) { file.identity.name = "a\nslot = 9"; },
        [](IdentityFile& file) { file.identity.slot = 16; },
        [](IdentityFile& file) { file.identity.created = "today"; },
        [](IdentityFile& file) { file.anchor.parent_public.clear(); },
        [](IdentityFile& file) { file.anchor.parent_name.clear(); },
        [](IdentityFile& file) { file.anchor.card_key_public.clear(); },
        [](IdentityFile& file) { file.anchor.card_key_private.clear(); },
        [](IdentityFile& file) { file.anchor.algorithms.clear(); },
        [](IdentityFile& file) { file.anchor.algorithms = " p256"; },
        [](IdentityFile& file) { file.anchor.algorithms = "p256 "; },
    };
    for (auto* spoil : spoilers) {
        IdentityFile file = sample_file();
        spoil(file);
        CHECK_THROWS_AS(file.write(folder), std::invalid_argument);
    }
    CHECK(folder.names().empty());
}
