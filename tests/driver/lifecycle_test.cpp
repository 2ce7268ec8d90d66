// SPDX-License-Identifier: Apache-2.0
#include "tests/catch.hpp"
#include "tests/driver/driver.hpp"
#include "tests/support/swtpm.hpp"

#include <array>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace tpmvsc;
using namespace tpmvsc::test;

namespace {

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::size_t threads() {
    const std::filesystem::directory_iterator all("/proc/self/task");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// How many packets tpm2-tss's recording TCTI has written: blocks of type 6 in a pcapng file. 0 as
// well when there is no file, since nobody has opened the TCTI then.
std::size_t recorded_packets(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::size_t packets = 0;
    std::array<std::uint32_t, 2> head{}; // type and length of the whole block
    while (file.read(reinterpret_cast<char*>(head.data()), sizeof head) && head[1] > sizeof head) {
        packets += head[0] == 6 ? 1 : 0;
        file.ignore(head[1] - sizeof head);
    }
    return packets;
}

} // namespace

TEST_CASE("No TPM command is sent before a card needs one", "[driver]") {
    const Swtpm tpm;
    const std::string record = tpm.folder() + "/record";
    setenv("TCTI_PCAP_FILE", record.c_str(), 1);
    State state("pcap:" + tpm.tcti());
    state.add_card(0);
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    REQUIRE(driver.open(1) == IFD_SUCCESS);
    state.remove_card(state.add_card(1));
    driver.wait(0, 50);
    REQUIRE(driver.presence(0) == IFD_ICC_PRESENT);
    Bytes atr;
    Bytes response;
    REQUIRE(driver.power_up(0, atr) == IFD_SUCCESS);
    REQUIRE(driver.capability(0, SCARD_ATTR_ATR_STRING) == atr);
    REQUIRE(driver.send(0, *from_hex("00A404000BA000000308000010000100"), response) == IFD_SUCCESS);
    CHECK(response.size() > 2);
    REQUIRE(driver.power_up(0, atr, IFD_RESET) == IFD_SUCCESS);
    REQUIRE(driver.power(0, IFD_POWER_DOWN, nullptr, nullptr) == IFD_SUCCESS);
    CHECK(recorded_packets(record) == 0);
    // The recorder was there: looking for the TPM has opened it.
    CHECK(std::filesystem::file_size(record) > 0);
    unsetenv("TCTI_PCAP_FILE");
}

TEST_CASE("The call order of pcscd 1.9.9, from start to end", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    state.add_card(0);
    const Module driver;

    // At start: the first slot is opened and looked at before the others are asked for.
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    CHECK(driver.capability(0, TAG_IFD_POLLING_THREAD_WITH_TIMEOUT, sizeof(void*)).has_value());
    CHECK(driver.presence(0) == IFD_ICC_PRESENT);
    CHECK(driver.capability(0, TAG_IFD_SLOTS_NUMBER, 1) == Bytes{2});
    CHECK(driver.capability(0, TAG_IFD_SLOT_THREAD_SAFE, 1) == Bytes{1});
    REQUIRE(driver.open(1) == IFD_SUCCESS);
    CHECK(driver.presence(1) == IFD_ICC_NOT_PRESENT);

    // The slot's thread: power up, wait the grace period, power down, wait.
    Bytes atr;
    CHECK(driver.presence(0) == IFD_ICC_PRESENT);
    REQUIRE(driver.power_up(0, atr) == IFD_SUCCESS);
    CHECK(to_hex(atr) == "3bdb18ff8131fe4580f9a00000030800001000f5");
    CHECK(driver.set_protocol_parameters(0, SCARD_PROTOCOL_T1, 0, 0, 0, 0) == IFD_SUCCESS);
    CHECK(driver.set_protocol_parameters(0, SCARD_PROTOCOL_T0, 0, 0, 0, 0) ==
          IFD_PROTOCOL_NOT_SUPPORTED);
    CHECK(driver.wait(0, 20) == IFD_SUCCESS);
    DWORD length = atr.size();
    CHECK(driver.power(0, IFD_POWER_DOWN, atr.data(), &length) == IFD_SUCCESS);
    CHECK(length == 0);

    // At the end, slot by slot: stop, the thread is joined, close.
    for (const DWORD lun : {0UL, 1UL}) {
        Waiting waiting(driver, lun, 600'000);
        CHECK(driver.capability(lun, TAG_IFD_POLLING_THREAD_KILLABLE, 1) == Bytes{0});
        CHECK(driver.stop(lun) == IFD_SUCCESS);
        REQUIRE(waiting.ended());
        CHECK(waiting.result() == IFD_SUCCESS);
        CHECK(driver.close_channel(lun) == IFD_SUCCESS);
    }
    CHECK(count_lines(take_log(), "3 ") == 0);
}

TEST_CASE("Closing the last slot gives everything back", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    state.add_card(0);
    const std::size_t descriptors = open_descriptors();
    const std::size_t running = threads();
    {
        const Module driver;
        for (int round = 0; round < 3; ++round) {
            REQUIRE(driver.open(0) == IFD_SUCCESS);
            REQUIRE(driver.open(1) == IFD_SUCCESS);
            Bytes atr;
            Bytes response;
            REQUIRE(driver.power_up(0, atr) == IFD_SUCCESS);
            REQUIRE(driver.send(0, Bytes{0x00, 0xA4, 0x04, 0x00}, response) == IFD_SUCCESS);
            CHECK(threads() == running); // it has none of its own
            CHECK(driver.close_channel(0) == IFD_SUCCESS);
            CHECK(driver.close_channel(1) == IFD_SUCCESS);
            CHECK(open_descriptors() == descriptors);
        }
    }
    CHECK(open_descriptors() == descriptors);
    // It has really gone: nothing of it keeps the library in memory.
    CHECK(dlopen(TPMVSC_DRIVER_PATH, RTLD_LAZY | RTLD_NOLOAD) == nullptr);
}

TEST_CASE("What a killed driver had half written goes when the card is opened", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    const std::string folder = state.add_card(0);
    const std::string half = folder + "/.tmp-0011223344556677";
    std::ofstream(half) << "half a key";
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    CHECK(std::filesystem::exists(half)); // nothing is touched before a card is used
    Bytes atr;
    REQUIRE(driver.power_up(0, atr) == IFD_SUCCESS);
    CHECK_FALSE(std::filesystem::exists(half));
    CHECK(std::filesystem::exists(folder + "/identity"));
    // An open card's temporary file is its own.
    std::ofstream(half) << "just being written";
    REQUIRE(driver.power_up(0, atr, IFD_RESET) == IFD_SUCCESS);
    CHECK(std::filesystem::exists(half));
}

TEST_CASE("A slot that is not open answers an error to everything", "[driver]") {
    const Module driver;
    const DWORD lun = 5;
    Bytes buffer(MAX_ATR_SIZE);
    DWORD length = buffer.size();
    CHECK(driver.presence(lun) == IFD_COMMUNICATION_ERROR);
    CHECK(driver.close_channel(lun) == IFD_COMMUNICATION_ERROR);
    CHECK(driver.power(lun, IFD_POWER_UP, buffer.data(), &length) == IFD_COMMUNICATION_ERROR);
    CHECK(length == 0);
    CHECK(driver.send(lun, Bytes{0, 0xA4, 4, 0}, buffer) == IFD_COMMUNICATION_ERROR);
    CHECK(buffer.empty());
    RESPONSECODE code = IFD_SUCCESS;
    CHECK_FALSE(driver.capability(lun, TAG_IFD_SLOTS_NUMBER, 1, &code).has_value());
    CHECK(code == IFD_COMMUNICATION_ERROR);
}

TEST_CASE("Opening twice, and beyond the last slot, is refused and does no harm", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    CHECK(driver.open(0) == IFD_NO_SUCH_DEVICE);
    CHECK(driver.open(1) == IFD_NO_SUCH_DEVICE);
    CHECK(count_lines(take_log(), "3 tpmvsc: reader 0 slot ") == 2);
    CHECK(driver.presence(0) == IFD_ICC_NOT_PRESENT);
    CHECK(driver.close_channel(0) == IFD_SUCCESS);
}

TEST_CASE("DEVICENAME comes with its quotes or not at all", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    const Module driver;
    std::string name = "\"tpmvsc:default\"";
    REQUIRE(driver.create_channel_by_name(0, name.data()) == IFD_SUCCESS);
    CHECK(driver.close_channel(0) == IFD_SUCCESS);
    REQUIRE(driver.create_channel(0, 0) == IFD_SUCCESS);
    CHECK(driver.close_channel(0) == IFD_SUCCESS);
    take_log();
    for (std::string wrong : {"", "\"", "tpmvsc:other", "/dev/tpmrm0"}) {
        CHECK(driver.create_channel_by_name(0, wrong.data()) == IFD_NO_SUCH_DEVICE);
    }
    CHECK(driver.create_channel_by_name(0, nullptr) == IFD_NO_SUCH_DEVICE);
    CHECK(count_lines(take_log(), "should be tpmvsc:default") == 5);
}

TEST_CASE("Settings that cannot be understood: no reader, and one critical line says why",
          "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti(), "spare_slots = many\n");
    const Module driver;
    CHECK(driver.open(0) == IFD_NO_SUCH_DEVICE);
    const auto log = take_log();
    CHECK(count_lines(log, "3 tpmvsc: no reader: " + state.folder() + "/tpmvsc.conf") == 1);
    CHECK(count_lines(log, "spare_slots") == 1);
}

TEST_CASE("A second reader entry stays empty, and does not take the first one down", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    state.add_card(0);
    state.add_card(1);
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    take_log();
    REQUIRE(driver.open(0x10000) == IFD_SUCCESS);
    CHECK(count_lines(take_log(), "2 tpmvsc: the cards in " + state.folder()) == 1);
    CHECK(driver.capability(0x10000, TAG_IFD_SLOTS_NUMBER, 1) == Bytes{1});
    CHECK(driver.presence(0x10000) == IFD_ICC_NOT_PRESENT);
    CHECK(driver.presence(0) == IFD_ICC_PRESENT);
    CHECK(driver.close_channel(0x10000) == IFD_SUCCESS);
    // Not even when its name is wrong, which would otherwise be refused.
    std::string wrong = "tpmvsc:other";
    REQUIRE(driver.create_channel_by_name(0x10000, wrong.data()) == IFD_SUCCESS);
    CHECK(count_lines(take_log(), "3 tpmvsc: no cards: DEVICENAME is") == 1);
    CHECK(driver.presence(0x10000) == IFD_ICC_NOT_PRESENT);
    CHECK(driver.close_channel(0x10000) == IFD_SUCCESS);
    CHECK(driver.presence(0) == IFD_ICC_PRESENT);
    CHECK(driver.close_channel(0) == IFD_SUCCESS);
}

TEST_CASE("exit() while threads are in the driver ends the process at once", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    state.add_card(0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        alarm(20); // a hang ends by SIGALRM
        const Module& driver = *new Module;
        if (driver.open(0) != IFD_SUCCESS || driver.open(1) != IFD_SUCCESS) {
            _exit(2);
        }
        for (const DWORD lun : {0UL, 1UL}) {
            std::thread([&driver, lun] { driver.wait(lun, 600'000); }).detach();
        }
        std::thread([&driver] {
            Bytes atr;
            Bytes response;
            for (;;) {
                driver.power_up(0, atr);
                driver.send(0, Bytes{0x00, 0xCB, 0x3F, 0xFF, 0x00}, response);
            }
        }).detach();
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        // As pcscd's signal thread does on SIGTERM: all static destructors run meanwhile.
        exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}
