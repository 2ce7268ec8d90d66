// SPDX-License-Identifier: Apache-2.0
#include "card/sealed_files.hpp"

#include "card/errors.hpp"
#include "tests/catch.hpp"
#include "tests/unit/base_scratch.hpp"
#include "tests/unit/base_unhex.hpp"
#include "tests/unit/card_faults.hpp"

#include <cerrno>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <string>

using namespace tpmvsc;
using namespace tpmvsc::card;
using tpmvsc::test::Scratch;
using Reason = StorageError::Reason;

namespace {

constexpr std::string_view text = "the contents of an object";

SealedFiles open_files(const Scratch& scratch, std::uint8_t key = 1, std::uint8_t binding = 2) {
    return SealedFiles(Folder(scratch.root()), SecretBytes(Bytes(32, key)), Bytes(32, binding));
}

/// What reading `name` comes to: its contents, "absent", "damaged" or "unknown version".
std::string outcome(const SealedFiles& files, const Scratch& scratch, const std::string& name) {
    try {
        const auto contents = files.read(name);
        if (!contents)
            return "absent";
        return std::string(contents->view().begin(), contents->view().end());
    } catch (const StorageError& error) {
        // Whatever is wrong, the file is named.
        if (std::string(error.what()).rfind(scratch.path(name) + " ", 0) != 0)
            return "unnamed";
        if (error.reason() == Reason::damaged)
            return "damaged";
        return error.reason() == Reason::unknown_version ? "unknown version" : "other";
    }
}

} // namespace

TEST_CASE("sealed files give back what was put in") {
    const Scratch scratch;
    const SealedFiles files = open_files(scratch);
    CHECK(outcome(files, scratch, "a") == "absent");
    files.write("a", as_bytes(text));
    files.write("b", {});
    CHECK(outcome(files, scratch, "a") == text);
    CHECK(outcome(files, scratch, "b").empty());
    files.write("a", as_bytes("new"));
    CHECK(outcome(open_files(scratch), scratch, "a") == "new");
    CHECK(files.names() == std::set<std::string>{"a", "b"});
    files.remove("a");
    CHECK(outcome(files, scratch, "a") == "absent");
}

TEST_CASE("the folder is listed once, and its names are kept up") {
    using Names = std::set<std::string>;
    const Scratch scratch;
    const SealedFiles files = open_files(scratch);
    files.write("a", as_bytes(text));
    CHECK(files.names() == Names{"a"});
    scratch.put("behind", "the back of the one writer");
    CHECK(files.names() == Names{"a"});
    files.write("b", as_bytes(text));
    files.write("b", as_bytes(text));
    files.remove("a");
    files.remove("a");
    CHECK(files.names() == Names{"b"});
    CHECK(files.has("b"));
    CHECK_FALSE(files.has("a"));
    CHECK(open_files(scratch).names() == Names{"b", "behind"});
}

TEST_CASE("after a change that failed the folder is listed anew") {
    const Scratch scratch;
    const SealedFiles files = open_files(scratch);
    CHECK_FALSE(files.has("a"));
    // The file is in its place by then, and whether it stays there nobody knows.
    CHECK_THROWS_AS(
        [&] {
            const test::FaultScope fault("fsync folder", EIO);
            files.write("a", as_bytes(text));
        }(),
        StorageError);
    CHECK(files.has("a"));
    CHECK_THROWS_AS(
        [&] {
            const test::FaultScope fault("write", ENOSPC);
            files.write("b", as_bytes(text));
        }(),
        StorageError);
    CHECK_FALSE(files.has("b"));
    CHECK_THROWS_AS(
        [&] {
            const test::FaultScope fault("fsync folder", EIO);
            files.remove("a");
        }(),
        StorageError);
    CHECK_FALSE(files.has("a"));
}

TEST_CASE("the format is fixed: magic, version, nonce, cipher text, tag") {
    const Scratch scratch;
    const SealedFiles files = open_files(scratch);
    files.write("a", as_bytes(text));
    const std::string first = scratch.get("a");
    CHECK(first.substr(0, 8) == "TPMVSCF\x01");
    CHECK(first.size() == 8 + 12 + text.size() + 16);
    CHECK(first.find("contents") == std::string::npos);
    files.write("a", as_bytes(text));
    CHECK(scratch.get("a").substr(8, 12) != first.substr(8, 12));
    // Made with another implementation of AES-GCM; it must open for good.
    const Bytes known = test::unhex("54504d5653434601 a0a1a2a3a4a5a6a7a8a9aaab bec650bdfd4e4a248c0e"
                                    "0ade038a1dbccc62aeae77f9f0a231e8");
    scratch.put("known", std::string(known.begin(), known.end()));
    CHECK(outcome(files, scratch, "known") == "format one");
}

TEST_CASE("every single bit that changes is noticed") {
    const Scratch scratch;
    const SealedFiles files = open_files(scratch);
    files.write("a", as_bytes(text));
    const std::string good = scratch.get("a");
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string altered = good;
        altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
        scratch.put("a", altered);
        INFO("bit " << bit);
        CHECK(outcome(files, scratch, "a") == (bit / 8 == 7 ? "unknown version" : "damaged"));
        // Refused is not reset: the file is still there for whoever can repair it.
        REQUIRE(scratch.get("a") == altered);
    }
    scratch.put("a", good);
    CHECK(outcome(files, scratch, "a") == text);
}

TEST_CASE("a file cut short anywhere, or longer, is noticed") {
    const Scratch scratch;
    const SealedFiles files = open_files(scratch);
    files.write("a", as_bytes(text));
    const std::string good = scratch.get("a");
    for (std::size_t size = 0; size < good.size(); ++size) {
        scratch.put("a", good.substr(0, size));
        INFO("cut to " << size);
        CHECK(outcome(files, scratch, "a") == "damaged");
    }
    scratch.put("a", good + '\0');
    CHECK(outcome(files, scratch, "a") == "damaged");
    scratch.put("a", good + good);
    CHECK(outcome(files, scratch, "a") == "damaged");
}

TEST_CASE("files that were swapped or renamed are noticed") {
    const Scratch scratch;
    const SealedFiles files = open_files(scratch);
    files.write("a", as_bytes("A"));
    files.write("b", as_bytes("B"));
    const std::string a = scratch.get("a");
    scratch.put("a", scratch.get("b"));
    scratch.put("b", a);
    CHECK(outcome(files, scratch, "a") == "damaged");
    CHECK(outcome(files, scratch, "b") == "damaged");
    scratch.put("a", a);
    scratch.put("aa", a);
    CHECK(outcome(files, scratch, "a") == "A");
    CHECK(outcome(files, scratch, "aa") == "damaged");
}

TEST_CASE("a file of another card is noticed, even under the same key") {
    const Scratch mine;
    const Scratch theirs;
    open_files(mine, 1, 2).write("a", as_bytes("mine"));
    for (const auto& [key, binding] : {std::pair(1, 3), std::pair(4, 2), std::pair(4, 3)}) {
        const SealedFiles other =
            open_files(theirs, static_cast<std::uint8_t>(key), static_cast<std::uint8_t>(binding));
        other.write("a", as_bytes("theirs"));
        CHECK(outcome(other, theirs, "a") == "theirs");
        theirs.put("a", mine.get("a"));
        CHECK(outcome(other, theirs, "a") == "damaged");
    }
}

TEST_CASE("no byte can move between binding and name") {
    const Scratch scratch;
    const auto files_for = [&](const char* binding) {
        return SealedFiles(Folder(scratch.root()), SecretBytes(Bytes(32, 1)), to_bytes(binding));
    };
    files_for("xy").write("z", as_bytes("contents"));
    scratch.put("yz", scratch.get("z"));
    CHECK(outcome(files_for("xy"), scratch, "z") == "contents");
    CHECK(outcome(files_for("x"), scratch, "yz") == "damaged");
}

TEST_CASE("a newer version is refused by name and left alone") {
    const Scratch scratch;
    const SealedFiles files = open_files(scratch);
    const std::string newer = "TPMVSCF\x02 whatever comes";
    scratch.put("a", newer);
    CHECK(outcome(files, scratch, "a") == "unknown version");
    CHECK(scratch.get("a") == newer);
    scratch.put("a", "TPMVSCF\x02");
    CHECK(outcome(files, scratch, "a") == "unknown version");
    scratch.put("a", "TPMVSCG\x02 something else");
    CHECK(outcome(files, scratch, "a") == "damaged");
}

TEST_CASE("the identity is none of the sealed files") {
    const Scratch scratch;
    const SealedFiles files = open_files(scratch);
    scratch.put("identity", "in the clear");
    files.write("a", {});
    CHECK(files.names() == std::set<std::string>{"a"});
    CHECK_THROWS_AS(files.write("identity", {}), std::invalid_argument);
    CHECK_THROWS_AS(files.read("identity"), std::invalid_argument);
    CHECK_THROWS_AS(files.remove("identity"), std::invalid_argument);
    CHECK(scratch.get("identity") == "in the clear");
}

TEST_CASE("a large object is kept whole") {
    const Scratch scratch;
    const SealedFiles files = open_files(scratch);
    const std::string large(300000, 'L');
    files.write("a", as_bytes(large));
    CHECK(outcome(files, scratch, "a") == large);
}
