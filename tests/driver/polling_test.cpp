// SPDX-License-Identifier: Apache-2.0
#include "tests/catch.hpp"
#include "tests/driver/driver.hpp"
#include "tests/support/swtpm.hpp"

#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

using namespace tpmvsc;
using namespace tpmvsc::test;
using namespace std::chrono_literals;

namespace {

// Long enough that an end of the wait is no coincidence, short enough for a failed test.
constexpr int long_wait = 40'000;
// A loaded machine takes its time, but not as much as that.
constexpr auto at_once = 15s;

std::chrono::milliseconds time_of(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 start);
}

/// NoDescriptors lets the process open no file while it lives.
class NoDescriptors {
  public:
    NoDescriptors() {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &saved_) == 0);
        const rlimit none{STDERR_FILENO + 1, saved_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    }
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &saved_); }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

  private:
    rlimit saved_{};
};

} // namespace

TEST_CASE("A wait ends by its timeout", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    for (const int timeout : {-1, 0, 1, 150}) {
        const auto took = time_of([&] { CHECK(driver.wait(0, timeout) == IFD_SUCCESS); });
        CHECK(took >= std::chrono::milliseconds(timeout));
        CHECK(took < std::chrono::milliseconds(timeout) + at_once);
    }
}

TEST_CASE("Stop is kept for the next wait of its slot, once", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    state.add_card(0);
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    REQUIRE(driver.open(1) == IFD_SUCCESS);
    driver.wait(0, 0); // takes the wake-up of the card that was put in

    // Twice is once; the other slot does not notice.
    driver.stop(0);
    driver.stop(0);
    Waiting other(driver, 1, long_wait);
    CHECK(time_of([&] { driver.wait(0, long_wait); }) < at_once);
    Waiting again(driver, 0, long_wait);
    CHECK_FALSE(again.ended(200ms));
    CHECK_FALSE(other.ended(0ms));
    driver.stop(0);
    CHECK(again.ended());
    CHECK_FALSE(other.ended(100ms));
    driver.stop(1);
    CHECK(other.ended());
}

TEST_CASE("A card that is made is in its slot at once, and out when it is destroyed", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    REQUIRE(driver.presence(0) == IFD_ICC_NOT_PRESENT);
    std::string folder;
    {
        Waiting waiting(driver, 0, long_wait);
        CHECK_FALSE(waiting.ended(100ms));
        folder = state.add_card(0);
        REQUIRE(waiting.ended());
        CHECK(driver.presence(0) == IFD_ICC_PRESENT);
    }
    Bytes atr;
    REQUIRE(driver.power_up(0, atr) == IFD_SUCCESS);
    {
        Waiting waiting(driver, 0, long_wait);
        CHECK_FALSE(waiting.ended(100ms));
        state.remove_card(folder);
        REQUIRE(waiting.ended());
        CHECK(driver.presence(0) == IFD_ICC_NOT_PRESENT);
    }
    Bytes response;
    CHECK(driver.power_up(0, atr) == IFD_ICC_NOT_PRESENT);
    CHECK(driver.send(0, Bytes{0, 0xA4, 4, 0}, response) == IFD_ICC_NOT_PRESENT);
    CHECK(count_lines(take_log(), "2 ") == 0);
}

TEST_CASE("Only the slot that changes wakes up, whichever thread sees the change", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti(), "spare_slots = 3\n");
    const Module driver;
    for (const DWORD lun : {0UL, 1UL, 2UL}) {
        REQUIRE(driver.open(lun) == IFD_SUCCESS);
    }
    Waiting zero(driver, 0, long_wait);
    Waiting one(driver, 1, long_wait);
    Waiting two(driver, 2, long_wait);
    state.add_card(1);
    CHECK(one.ended());
    CHECK_FALSE(zero.ended(200ms));
    CHECK_FALSE(two.ended(0ms));
    CHECK(driver.presence(0) == IFD_ICC_NOT_PRESENT);
    CHECK(driver.presence(1) == IFD_ICC_PRESENT);
    driver.stop(0);
    driver.stop(2);
}

TEST_CASE("A card in another's place is seen as a removal and then an insertion", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    const std::string first = state.add_card(0, "First");
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    driver.wait(0, 0);
    Bytes atr;
    REQUIRE(driver.power_up(0, atr) == IFD_SUCCESS);

    // Both changes come before anybody looks.
    state.remove_card(first);
    state.add_card(0, "Second");
    driver.wait(0, long_wait);
    CHECK(driver.presence(0) == IFD_ICC_NOT_PRESENT);
    driver.wait(0, long_wait);
    CHECK(driver.presence(0) == IFD_ICC_PRESENT);
    Bytes response;
    CHECK(driver.send(0, Bytes{0, 0xA4, 4, 0}, response) == IFD_COMMUNICATION_ERROR);
    CHECK(driver.power_up(0, atr) == IFD_SUCCESS);
    CHECK(driver.send(0, Bytes{0, 0xA4, 4, 0}, response) == IFD_SUCCESS);
}

TEST_CASE("A card that is destroyed is let go by the next command already", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    const std::string folder = state.add_card(0);
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    driver.wait(0, 0);
    Bytes atr;
    Bytes response;
    REQUIRE(driver.power_up(0, atr) == IFD_SUCCESS);
    REQUIRE(driver.send(0, Bytes{0, 0xA4, 4, 0}, response) == IFD_SUCCESS);
    state.remove_card(folder);
    CHECK(driver.send(0, Bytes{0, 0xA4, 4, 0}, response) == IFD_ICC_NOT_PRESENT);
    CHECK(response.empty());
    CHECK(driver.presence(0) == IFD_ICC_NOT_PRESENT);
    CHECK(time_of([&] { driver.wait(0, long_wait); }) < at_once);
}

TEST_CASE("The cards folder may come, go and come again", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    CHECK(std::filesystem::is_directory(state.store().path())); // made where it was missing
    {
        Waiting waiting(driver, 0, long_wait);
        std::filesystem::remove_all(state.folder() + "/state");
        CHECK_FALSE(waiting.ended(200ms));
        CHECK(count_lines(take_log(), "2 tpmvsc: ") == 1);
        state.add_card(0);
        CHECK(waiting.ended(15s));
    }
    CHECK(driver.presence(0) == IFD_ICC_PRESENT);
}

TEST_CASE("A card of which nothing can be read is named once and leaves the others alone",
          "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    state.add_card(0);
    const std::string damaged = state.add_card(1);
    std::ofstream(damaged + "/identity") << "version = 1\nnonsense\n";
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    CHECK(driver.presence(0) == IFD_ICC_PRESENT);
    state.add_card(1); // looks at the folder again
    driver.wait(0, 0);
    driver.wait(0, 300);
    CHECK(count_lines(take_log(), "2 tpmvsc: a card is left out: " + damaged) == 1);
}

// UBSan opens a pipe to look at an object before it trusts it; without descriptors it trusts none.
#ifndef __SANITIZE_ADDRESS__
TEST_CASE("While the folder cannot be listed the cards that are in stay in", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    state.add_card(0);
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    REQUIRE(driver.open(1) == IFD_SUCCESS);
    driver.wait(0, 0);
    Waiting zero(driver, 0, long_wait);
    Waiting one(driver, 1, long_wait);
    take_log();
    {
        const NoDescriptors none;
        std::filesystem::create_directory(state.store().path() + "/event");
        CHECK_FALSE(zero.ended(4500ms)); // some vain tries
        CHECK(driver.presence(0) == IFD_ICC_PRESENT);
        const auto log = take_log();
        CHECK(count_lines(log, "2 tpmvsc: ") == 1);
        CHECK(count_lines(log, state.store().path() + " cannot be opened: Too many open") == 1);
    }
    state.add_card(1);
    CHECK(one.ended());
    CHECK(driver.presence(1) == IFD_ICC_PRESENT);
    CHECK_FALSE(zero.ended(0ms));
    CHECK(driver.presence(0) == IFD_ICC_PRESENT);
    driver.stop(0);
}
#endif

TEST_CASE("A card's folder that is repaired is noticed", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    const std::string folder = state.add_card(0);
    const std::string elsewhere = state.folder() + "/elsewhere";
    std::filesystem::copy(folder, elsewhere);
    std::ofstream(folder + "/identity") << "version = 1\nnonsense\n";
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    REQUIRE(driver.presence(0) == IFD_ICC_NOT_PRESENT);
    Waiting waiting(driver, 0, long_wait);
    SECTION("its file is moved back in") {
        std::filesystem::rename(elsewhere + "/identity", folder + "/identity");
    }
    SECTION("its file is written anew") {
        std::ofstream(folder + "/identity") << std::ifstream(elsewhere + "/identity").rdbuf();
    }
    SECTION("it is copied from a backup, file by file") {
        std::filesystem::remove_all(folder);
        std::filesystem::create_directory(folder);
        CHECK_FALSE(waiting.ended(300ms)); // time to see the empty folder
        std::filesystem::copy(elsewhere + "/identity", folder + "/identity");
    }
    CHECK(waiting.ended());
    CHECK(driver.presence(0) == IFD_ICC_PRESENT);
}

TEST_CASE("The state folder is moved away, and back", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    state.add_card(0);
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    driver.wait(0, 0);
    const std::string here = state.folder() + "/state";
    std::filesystem::rename(here, here + "-away");
    driver.wait(0, long_wait);
    CHECK(driver.presence(0) == IFD_ICC_NOT_PRESENT);
    CHECK(count_lines(take_log(), "cannot open the state folder " + here) == 1);
    driver.wait(0, 0); // pcscd has seen the slot empty
    std::filesystem::rename(here + "-away", here);
    Waiting waiting(driver, 0, long_wait);
    CHECK(waiting.ended());
    CHECK(driver.presence(0) == IFD_ICC_PRESENT);
}

TEST_CASE("A card beyond the last slot appears after a restart, and the log says so", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    state.add_card(2, "Late");
    driver.wait(0, 300);
    CHECK(count_lines(take_log(),
                      "2 tpmvsc: card \"Late\" appears when pcscd has been restarted") == 1);
    REQUIRE(driver.close_channel(0) == IFD_SUCCESS);
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    CHECK(driver.capability(0, TAG_IFD_SLOTS_NUMBER) == Bytes{4});
    REQUIRE(driver.open(2) == IFD_SUCCESS);
    CHECK(driver.presence(2) == IFD_ICC_PRESENT);
}

TEST_CASE("There is at least one slot and there are at most sixteen", "[driver]") {
    const Swtpm tpm;
    const Module driver;
    {
        State state(tpm.tcti(), "spare_slots = 0\n");
        REQUIRE(driver.open(0) == IFD_SUCCESS);
        CHECK(driver.capability(0, TAG_IFD_SLOTS_NUMBER) == Bytes{1});
        driver.close_channel(0);
    }
    State state(tpm.tcti(), "spare_slots = 5\n");
    state.add_card(15);
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    CHECK(driver.capability(0, TAG_IFD_SLOTS_NUMBER) == Bytes{16});
}

TEST_CASE("Without its TPM a card is out, with one line, and back when the TPM is", "[driver]") {
    Swtpm tpm;
    tpm.stop();
    State state(tpm.tcti());
    state.add_card(0);
    state.add_card(1);
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    REQUIRE(driver.open(1) == IFD_SUCCESS);
    CHECK(driver.presence(0) == IFD_ICC_NOT_PRESENT);
    CHECK(driver.presence(1) == IFD_ICC_NOT_PRESENT);
    driver.wait(0, 4500); // some vain tries
    const auto log = take_log();
    CHECK(count_lines(log, "2 tpmvsc: ") == 1);
    CHECK(count_lines(log, "until the TPM can be reached") == 1);
    Waiting zero(driver, 0, long_wait);
    Waiting one(driver, 1, long_wait);
    tpm.start();
    CHECK(zero.ended(15s));
    CHECK(one.ended(15s));
    CHECK(driver.presence(0) == IFD_ICC_PRESENT);
    CHECK(driver.presence(1) == IFD_ICC_PRESENT);
}
