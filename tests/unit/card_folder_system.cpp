// SPDX-License-Identifier: Apache-2.0

// The folder against the real thing: processes killed, disks full, directories closed.
#include "card/errors.hpp"
#include "card/file_system.hpp"
#include "card/folder.hpp"
#include "card/path_parts.hpp"
#include "tests/catch.hpp"
#include "tests/unit/base_child.hpp"
#include "tests/unit/base_scratch.hpp"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <grp.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <thread>
#include <unistd.h>

using namespace tpmvsc;
using namespace tpmvsc::card;
using tpmvsc::test::Scratch;

namespace {

std::size_t temporary_files(const std::string& path) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path))
        if (entry.path().filename().string().rfind(".tmp-", 0) == 0)
            ++count;
    return count;
}

const char* reason_text(StorageError::Reason reason) {
    switch (reason) {
    case StorageError::Reason::full:
        return "full: ";
    case StorageError::Reason::unwritable:
        return "unwritable: ";
    case StorageError::Reason::damaged:
        return "damaged: ";
    case StorageError::Reason::unknown_version:
        return "unknown_version: ";
    }
    return "";
}

/// What writing `contents` comes to, and what is in the folder afterwards.
std::string try_write(const Folder& folder, ByteView contents) {
    std::string outcome = "written";
    try {
        folder.write("file", contents);
    } catch (const StorageError& error) {
        outcome = reason_text(error.reason()) + std::string(error.what());
    }
    const auto kept = folder.read("file");
    outcome += kept == to_bytes("old") ? " | old" : " | not old";
    return outcome + (temporary_files(folder.path()) == 0 ? "" : " | left something");
}

bool begins_with(const std::string& text, const std::string& start) {
    return text.compare(0, start.size(), start) == 0;
}

bool ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// A process that replaces a file without end by one of two contents, and is killed.
void write_until_killed(const Folder& folder, const Bytes& a, const Bytes& b,
                        std::chrono::microseconds time) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        try {
            for (;;) {
                folder.write("file", a);
                folder.write("file", b);
            }
        } catch (...) {
            ::_exit(1);
        }
    }
    std::this_thread::sleep_for(time);
    REQUIRE(::kill(child, SIGKILL) == 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
}

} // namespace

TEST_CASE("a writer killed at any moment leaves the old file or the new one") {
    const Scratch scratch;
    const Folder folder(scratch.root());
    const Bytes a(200000, 'a');
    const Bytes b(150000, 'b');
    folder.write("file", a);
    std::size_t caught_writing = 0;
    // Until it was caught in the middle often enough for the test to mean something.
    for (int round = 0; round < 300 && caught_writing < 10; ++round) {
        write_until_killed(folder, a, b, std::chrono::microseconds(2000 + 137 * (round % 50)));
        const auto found = folder.read("file");
        REQUIRE((found == a || found == b));
        if (temporary_files(scratch.root()) > 0)
            ++caught_writing;
        folder.write("file", a); // what was left behind is in nobody's way
        folder.sweep();
        REQUIRE(temporary_files(scratch.root()) == 0);
    }
    CHECK(caught_writing >= 10);
}

TEST_CASE("on a full disk the old file stays, and the sentence says so") {
    const Scratch scratch;
    const std::string said = test::in_child_with_tmpfs(scratch.root(), 64 * 1024, [&] {
        const Folder folder(scratch.root());
        folder.write("file", as_bytes("old"));
        return try_write(folder, Bytes(100 * 1024, 'x'));
    });
    if (begins_with(said, test::no_mount)) {
        WARN("not checked: no tmpfs can be mounted here: " << said);
        return;
    }
    CHECK(begins_with(said, "full: " + scratch.path("file") + " cannot be written: No space left"));
    CHECK(ends_with(said, "| old"));
}

TEST_CASE("on a read-only file system the old file stays, and the sentence says so") {
    const Scratch scratch;
    const std::string said = test::in_child_with_tmpfs(scratch.root(), 64 * 1024, [&] {
        const Folder folder(scratch.root());
        folder.write("file", as_bytes("old"));
        if (::mount("none", scratch.root().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0)
            return test::no_mount + std::string("read-only");
        return try_write(folder, as_bytes("new"));
    });
    if (begins_with(said, test::no_mount)) {
        WARN("not checked: no tmpfs can be mounted here: " << said);
        return;
    }
    CHECK(begins_with(said, "unwritable: " + scratch.path("file") +
                                " cannot be written: Read-only file system"));
    CHECK(ends_with(said, "| old"));
}

TEST_CASE("in a folder of somebody else nothing is written, and the sentence says so") {
    const Scratch scratch;
    const Folder folder(scratch.root());
    folder.write("file", as_bytes("old"));
    REQUIRE(::chmod(scratch.path("file").c_str(), 0644) == 0);
    REQUIRE(::chmod(scratch.root().c_str(), 0555) == 0);
    const std::string said =
        test::in_child_without_root([&] { return try_write(folder, as_bytes("new")); });
    CHECK(begins_with(said, "unwritable: " + scratch.path("file") +
                                " cannot be written: Permission denied. Run as root"));
    CHECK(ends_with(said, "| old"));
    REQUIRE(::chmod(scratch.root().c_str(), 0755) == 0);
}

TEST_CASE("a file that may not be read is told apart from one that is not there") {
    const Scratch scratch;
    scratch.put("file", "x");
    REQUIRE(::chmod(scratch.path("file").c_str(), 0) == 0);
    REQUIRE(::chmod(scratch.root().c_str(), 0755) == 0);
    const std::string said = test::in_child_without_root([&] {
        try {
            Folder(scratch.root()).read("file");
        } catch (const StorageError& error) {
            return reason_text(error.reason()) + std::string(error.what());
        }
        return std::string("read");
    });
    CHECK(begins_with(said, "unwritable: " + scratch.path("file") +
                                " cannot be read: Permission denied. Run as root"));
}

TEST_CASE("what root makes belongs to whom its folder belongs to") {
    if (::geteuid() != 0) {
        WARN("not root: left out");
        return;
    }
    constexpr uid_t user = 65534;
    constexpr gid_t group = 65533;
    const Scratch scratch;
    REQUIRE(::chown(scratch.root().c_str(), user, group) == 0);
    const Folder folder(scratch.path("cards/one"));
    folder.create();
    folder.write("file", to_bytes("contents"));
    for (const char* name : {"cards", "cards/one", "cards/one/file"}) {
        struct stat status {};
        REQUIRE(::lstat(scratch.path(name).c_str(), &status) == 0);
        CHECK(status.st_uid == user);
        CHECK(status.st_gid == group);
    }
}

TEST_CASE("a path's parts are what it leads through, links and where they lead") {
    const Scratch scratch;
    const auto names = [&scratch](const std::string& path) {
        std::string text;
        for (const PathPart& part : path_parts(scratch.path(path)))
            if (part.path.rfind(scratch.root() + "/", 0) == 0)
                text += part.path.substr(scratch.root().size()) + " ";
        return text;
    };
    std::filesystem::create_directories(scratch.path("one/two"));
    REQUIRE(::symlink("../three", scratch.path("one/near").c_str()) == 0);
    REQUIRE(::symlink(scratch.path("one/near").c_str(), scratch.path("far").c_str()) == 0);
    REQUIRE(::symlink("round", scratch.path("round").c_str()) == 0);
    std::filesystem::create_directories(scratch.path("three/four"));
    CHECK(names("one/two") == "/one /one/two ");
    CHECK(names("one/./two/../two") == "/one /one/two /one/two ");
    CHECK(names("one/near/four") == "/one /one/near /three /three/four ");
    CHECK(names("far/four") == "/far /one /one/near /three /three/four ");
    CHECK(names("one/gone/four") == "/one ");
    CHECK(path_parts(scratch.path("round")).size() < 100);
}

TEST_CASE("a folder where others may write is one, unless everybody moves his own only") {
    const Scratch scratch;
    const auto others_may_write = [&scratch](mode_t mode) {
        REQUIRE(::chmod(scratch.root().c_str(), mode) == 0);
        return path_parts(scratch.root()).back().others_may_write;
    };
    CHECK(!others_may_write(0755));
    CHECK(others_may_write(0757));
    CHECK(!others_may_write(01777));
    if (::geteuid() != 0 || ::chown(scratch.root().c_str(), 0, 65534) != 0)
        return;
    CHECK(others_may_write(0775));
    REQUIRE(::chown(scratch.root().c_str(), 0, 0) == 0);
    CHECK(!others_may_write(0775));
    // user::rwx, user:65534:rwx, group::r-x, mask::rwx, other::r-x: linux/posix_acl_xattr.h
    const auto list = from_hex("0200000001000700FFFFFFFF02000700FEFF000004000500FFFFFFFF"
                               "10000700FFFFFFFF20000500FFFFFFFF");
    REQUIRE(list);
    const char* const name = "system.posix_acl_access";
    if (::setxattr(scratch.root().c_str(), name, list->data(), list->size(), 0) == 0)
        CHECK(path_parts(scratch.root()).back().others_may_write);
    else
        WARN("a file system without lists of access: left out");
}

TEST_CASE("a root that may not change users does not try to, and writes nothing") {
    if (::geteuid() != 0) {
        WARN("not root: left out");
        return;
    }
    constexpr uid_t user = 65534;
    const Scratch scratch;
    REQUIRE(::chown(scratch.root().c_str(), user, user) == 0);
    const auto acting_user = [&scratch] {
        const file_system::ActAsOwner owner(scratch.root());
        return std::to_string(::setfsuid(static_cast<uid_t>(-1)));
    };
    CHECK(test::in_child(acting_user) == std::to_string(user));
    CHECK(test::in_child([&] {
              const bool taken = ::prctl(PR_CAPBSET_DROP, CAP_SETUID, 0, 0, 0) == 0;
              return taken ? acting_user() : "cannot take the right away";
          }) ==
          "exception: " + scratch.root() +
              " cannot be written: it lies in a folder of another user than root, as whom "
              "this process may not act. Where pcscd runs as root, give that folder to root.");
}

TEST_CASE("who owns the state folder cannot lead root out of it by a symbolic link") {
    if (::geteuid() != 0) {
        WARN("not root: left out");
        return;
    }
    constexpr uid_t user = 65534;
    const Scratch scratch;
    const Scratch roots_own;
    REQUIRE(::chmod(scratch.root().c_str(), 0755) == 0);
    REQUIRE(::chmod(roots_own.root().c_str(), 0755) == 0);
    roots_own.put("file", "old");
    const Folder within(roots_own.path("card"));
    within.create();

    REQUIRE(::mkdir(scratch.path("state").c_str(), 0755) == 0);
    REQUIRE(::chown(scratch.path("state").c_str(), user, user) == 0);
    const std::string link = scratch.path("state/cards");
    REQUIRE(::symlink(roots_own.root().c_str(), link.c_str()) == 0);
    REQUIRE(::lchown(link.c_str(), user, user) == 0);

    CHECK_THROWS_AS(Folder(link).write("file", to_bytes("new")), StorageError);
    CHECK_THROWS_AS(Folder(link).remove("file"), StorageError);
    CHECK_THROWS_AS(Folder(link + "/made").create(), StorageError);
    CHECK_THROWS_AS(Folder(link + "/card").write("file", to_bytes("new")), StorageError);
    // A link of root's own into the user's folder, where the user has one to root's.
    const std::string there = roots_own.path("there");
    REQUIRE(::symlink(scratch.path("state").c_str(), there.c_str()) == 0);
    CHECK_THROWS_AS(Folder(there + "/cards").write("file", to_bytes("new")), StorageError);
    CHECK(::unlink(there.c_str()) == 0);
    CHECK(Folder(roots_own.root()).read("file") == to_bytes("old"));
    CHECK(Folder(roots_own.root()).names() == std::vector<std::string>{"file"});
    CHECK(!Folder(roots_own.path("made")).exists());
    CHECK(within.names().empty());
    // Nor does what root's groups may write help: those are put away as well, and come back.
    REQUIRE(::chmod(roots_own.root().c_str(), 0775) == 0);
    CHECK(test::in_child([&]() -> std::string {
              const gid_t root = 0;
              if (::setgroups(1, &root) != 0)
                  return "cannot have a group";
              const std::string said = try_write(Folder(link), as_bytes("new"));
              gid_t groups[2] = {1, 1};
              const int count = ::getgroups(2, groups);
              return count == 1 && groups[0] == root ? said : "the groups are others now";
          }).find("Permission denied") != std::string::npos);
    // And root is root again.
    CHECK_NOTHROW(Folder(roots_own.root()).write("file", to_bytes("new")));
}
