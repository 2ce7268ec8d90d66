// SPDX-License-Identifier: Apache-2.0
#include "card/folder.hpp"

#include "card/errors.hpp"
#include "tests/catch.hpp"
#include "tests/unit/base_scratch.hpp"
#include "tests/unit/card_faults.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

using namespace tpmvsc;
using namespace tpmvsc::card;
using tpmvsc::test::faults;
using tpmvsc::test::FaultScope;
using tpmvsc::test::Scratch;
using Reason = StorageError::Reason;

namespace {

unsigned mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

/// Everything in the folder, hidden files too.
std::vector<std::string> all_entries(const std::string& path) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path))
        names.push_back(entry.path().filename());
    return names;
}

struct Failure {
    Reason reason;
    std::string text;
};

template<typename Work>
Failure failure_of(Work work) {
    try {
        work();
    } catch (const StorageError& error) {
        return {error.reason(), error.what()};
    }
    FAIL("no StorageError");
    return {};
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a folder is created with its parents, for its owner alone") {
    const Scratch scratch;
    const Folder folder(scratch.path("a/b"));
    CHECK_FALSE(folder.exists());
    folder.create();
    CHECK(folder.exists());
    CHECK(mode_of(scratch.path("a/b")) == 0700);
    CHECK(mode_of(scratch.path("a")) == 0700);
    folder.create();
    scratch.put("file", "");
    CHECK_FALSE(Folder(scratch.path("file")).exists());
    CHECK(failure_of([&] { Folder(scratch.path("file")).create(); }).reason == Reason::damaged);
}

TEST_CASE("files are written, replaced, listed and removed") {
    const Scratch scratch;
    const Folder folder(scratch.root());
    CHECK(folder.names().empty());
    CHECK(folder.read("one") == std::nullopt);
    folder.write("one", as_bytes("first"));
    CHECK(folder.read("one") == to_bytes("first"));
    CHECK(mode_of(scratch.path("one")) == 0600);
    ::chmod(scratch.path("one").c_str(), 0644);
    folder.write("one", as_bytes("2"));
    CHECK(folder.read("one") == to_bytes("2"));
    CHECK(mode_of(scratch.path("one")) == 0600);
    folder.write("empty", {});
    CHECK(folder.read("empty") == Bytes{});
    folder.write("Zed", as_bytes(std::string_view("\0\xff", 2)));
    CHECK(folder.read("Zed") == Bytes{0x00, 0xff});
    CHECK(folder.names() == std::vector<std::string>{"Zed", "empty", "one"});
    folder.remove("one");
    folder.remove("one");
    CHECK(folder.read("one") == std::nullopt);
    CHECK(all_entries(scratch.root()).size() == 2);
}

TEST_CASE("only regular, visible files are listed") {
    const Scratch scratch;
    scratch.put("file", "");
    scratch.put(".hidden", "");
    scratch.put(".tmp-0011", "");
    std::filesystem::create_directory(scratch.path("folder"));
    std::filesystem::create_symlink("file", scratch.path("link"));
    CHECK(Folder(scratch.root()).names() == std::vector<std::string>{"file"});
}

TEST_CASE("sweep removes temporary files and nothing else") {
    const Scratch scratch;
    scratch.put("file", "");
    scratch.put(".hidden", "");
    scratch.put(".tmp-0011", "");
    scratch.put(".tmp-", "");
    Folder(scratch.root()).sweep();
    auto left = all_entries(scratch.root());
    std::sort(left.begin(), left.end());
    CHECK(left == std::vector<std::string>{".hidden", "file"});
}

TEST_CASE("names that lead elsewhere are refused") {
    const Scratch scratch;
    const Folder folder(scratch.path("inner"));
    folder.create();
    scratch.put("outside", "x");
    for (const std::string name : {"", ".", "..", ".x", "../outside", "a/b", "/etc/passwd"}) {
        CHECK_THROWS_AS(folder.read(name), std::invalid_argument);
        CHECK_THROWS_AS(folder.write(name, {}), std::invalid_argument);
        CHECK_THROWS_AS(folder.remove(name), std::invalid_argument);
    }
    CHECK_THROWS_AS(folder.read(std::string("a\0b", 3)), std::invalid_argument);
    CHECK(scratch.get("outside") == "x");
}

TEST_CASE("what is no file of ours is not read") {
    const Scratch scratch;
    const Folder folder(scratch.root());
    scratch.put("target", "secret");
    std::filesystem::create_symlink("target", scratch.path("link"));
    std::filesystem::create_directory(scratch.path("directory"));
    REQUIRE(::mkfifo(scratch.path("fifo").c_str(), 0600) == 0);
    std::filesystem::create_symlink("/dev/zero", scratch.path("device"));
    scratch.put("long", std::string(Folder::max_file_bytes + 1, 'x'));
    for (const char* name : {"link", "directory", "fifo", "device", "long"}) {
        const Failure failure = failure_of([&] { folder.read(name); });
        CHECK(failure.reason == Reason::damaged);
        CHECK(contains(failure.text, scratch.path(name)));
    }
}

TEST_CASE("the longest file is read, a longer one is not written") {
    const Scratch scratch;
    const Folder folder(scratch.root());
    const Bytes longest(Folder::max_file_bytes, 0x5a);
    folder.write("long", longest);
    CHECK(folder.read("long") == longest);
    CHECK_THROWS_AS(folder.write("long", Bytes(Folder::max_file_bytes + 1)), std::invalid_argument);
    CHECK(folder.read("long") == longest);
}

TEST_CASE("a missing folder holds no file, and none is written into it") {
    const Scratch scratch;
    const Folder folder(scratch.path("none"));
    CHECK(folder.read("x") == std::nullopt);
    const Failure failure = failure_of([&] { folder.write("x", {}); });
    CHECK(failure.reason == Reason::damaged);
    CHECK(contains(failure.text, scratch.path("none")));
    CHECK(failure_of([&] { folder.names(); }).reason == Reason::damaged);
}

TEST_CASE("a file is on the disk before it has its name, and its name before write returns") {
    const Scratch scratch;
    const Folder folder(scratch.root());
    {
        const FaultScope scope;
        folder.write("file", as_bytes("contents"));
    }
    CHECK(faults().calls ==
          std::vector<std::string>{"write", "fsync file", "rename", "fsync folder"});
    {
        const FaultScope scope;
        folder.remove("file");
    }
    CHECK(faults().calls == std::vector<std::string>{"fsync folder"});
    {
        const FaultScope scope;
        Folder(scratch.path("new")).create();
    }
    CHECK(faults().calls == std::vector<std::string>{"fsync folder", "fsync folder"});
}

TEST_CASE("short and interrupted writes are carried on") {
    const Scratch scratch;
    const Folder folder(scratch.root());
    {
        const FaultScope scope("write", EINTR);
        faults().write_limit = 3;
        folder.write("file", as_bytes("contents"));
    }
    CHECK(scratch.get("file") == "contents");
    CHECK(std::count(faults().calls.begin(), faults().calls.end(), "write") == 4);
}

TEST_CASE("each failing call leaves the old file, no temporary one, and the right reason") {
    struct Expected {
        int error;
        Reason reason;
        const char* advice;
    };
    const std::vector<Expected> errors = {{ENOSPC, Reason::full, "Free some space"},
                                          {EDQUOT, Reason::full, "Free some space"},
                                          {EACCES, Reason::unwritable, "Run as root"},
                                          {EPERM, Reason::unwritable, "Run as root"},
                                          {EROFS, Reason::unwritable, "file system writable"},
                                          {EIO, Reason::damaged, "Check the disk"}};
    for (const char* call : {"write", "fsync file", "rename"}) {
        for (const Expected& expected : errors) {
            INFO(call << " fails with errno " << expected.error);
            const Scratch scratch;
            const Folder folder(scratch.root());
            folder.write("file", as_bytes("old"));
            const Failure failure = failure_of([&] {
                const FaultScope scope(call, expected.error);
                folder.write("file", as_bytes("new"));
            });
            CHECK(failure.reason == expected.reason);
            CHECK(contains(failure.text, scratch.path("file")));
            CHECK(contains(failure.text, std::strerror(expected.error)));
            CHECK(contains(failure.text, expected.advice));
            CHECK(scratch.get("file") == "old");
            CHECK(all_entries(scratch.root()) == std::vector<std::string>{"file"});
        }
    }
}

TEST_CASE("a folder that cannot be synced is told, unless its file system knows no syncing") {
    const Scratch scratch;
    const Folder folder(scratch.root());
    CHECK(failure_of([&] {
              const FaultScope scope("fsync folder", EIO);
              folder.write("file", as_bytes("new"));
          }).reason == Reason::damaged);
    const FaultScope scope("fsync folder", EINVAL);
    CHECK_NOTHROW(folder.write("file", as_bytes("newer")));
}
