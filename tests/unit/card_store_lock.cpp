// SPDX-License-Identifier: Apache-2.0
#include "card/errors.hpp"
#include "card/store.hpp"
#include "tests/catch.hpp"
#include "tests/unit/base_child.hpp"
#include "tests/unit/base_scratch.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <optional>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace tpmvsc;
using namespace tpmvsc::card;
using namespace std::chrono_literals;
using tpmvsc::test::Scratch;

namespace {

/// A second locker in a thread, and whether it has come through.
class Waiter {
  public:
    explicit Waiter(const Store& store)
        : thread_([this, &store] {
              const Store::Lock lock(store);
              through_ = true;
          }) {}
    ~Waiter() { thread_.join(); }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    bool through() const { return through_; }
    bool comes_through() const {
        for (int i = 0; i < 500 && !through_; ++i)
            std::this_thread::sleep_for(10ms);
        return through_;
    }

  private:
    std::atomic<bool> through_{false};
    std::thread thread_;
};

} // namespace

TEST_CASE("a second locker waits for the first") {
    const Scratch scratch;
    const Store store(scratch.path("state/cards"));
    std::optional<Store::Lock> first(std::in_place, store);
    CHECK(Folder(scratch.path("state/cards")).exists());
    const Waiter second(store);
    std::this_thread::sleep_for(200ms);
    CHECK_FALSE(second.through());
    first.reset();
    CHECK(second.comes_through());
}

TEST_CASE("the lock of a killed program is free") {
    const Scratch scratch;
    const Store store(scratch.path("cards"));
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const Store::Lock lock(store);
        const ssize_t told = ::write(ends[1], "x", 1);
        for (;;)
            std::this_thread::sleep_for(told == 1 ? 1s : 2s);
    }
    REQUIRE(child > 0);
    char told = 0;
    REQUIRE(::read(ends[0], &told, 1) == 1);
    const Waiter waiter(store);
    std::this_thread::sleep_for(200ms);
    CHECK_FALSE(waiter.through());
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ends[0]);
    ::close(ends[1]);
    CHECK(waiter.comes_through());
}

TEST_CASE("stores apart do not wait for each other") {
    const Scratch scratch;
    const Store one(scratch.path("one"));
    const Store other(scratch.path("other"));
    const Store::Lock lock(one);
    const Waiter waiter(other);
    CHECK(waiter.comes_through());
}

TEST_CASE("who may not make the store is told to be root") {
    const Scratch scratch;
    REQUIRE(::chmod(scratch.root().c_str(), 0555) == 0);
    const Store store(scratch.path("cards"));
    const std::string said = test::in_child_without_root([&] {
        try {
            const Store::Lock lock(store);
            return std::string("locked");
        } catch (const StorageError& error) {
            return std::string(error.what());
        }
    });
    CHECK(said.rfind(scratch.path("cards") + " cannot be created: Permission denied. Run as root",
                     0) == 0);
    REQUIRE(::chmod(scratch.root().c_str(), 0755) == 0);
}
