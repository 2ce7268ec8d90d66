// SPDX-License-Identifier: Apache-2.0
#include "tests/catch.hpp"
#include "tests/driver/driver.hpp"
#include "tests/support/swtpm.hpp"

#include <random>
#include <thread>

using namespace tpmvsc;
using namespace tpmvsc::test;

namespace {

const Bytes some_command{0x00, 0xA4, 0x04, 0x00};

} // namespace

TEST_CASE("Whatever is sent, a powered card answers with a status word", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    state.add_card(0);
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    Bytes atr;
    REQUIRE(driver.power_up(0, atr) == IFD_SUCCESS);
    Bytes response;
    for (const std::size_t size : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 255U, 256U, 261U, 262U, 4096U,
                                   65'544U, static_cast<unsigned>(MAX_BUFFER_SIZE_EXTENDED)}) {
        CHECK(driver.send(0, Bytes(size, 0xFF), response) == IFD_SUCCESS);
        CHECK(response.size() >= 2);
    }
    std::mt19937 random(1); // the same bytes on each run
    for (int round = 0; round < 500; ++round) {
        Bytes command(random() % 40);
        for (auto& byte : command) {
            byte = static_cast<std::uint8_t>(random());
        }
        if (!command.empty()) {
            command[0] = round % 2 == 0 ? 0x00 : command[0];
        }
        CHECK(driver.send(0, command, response) == IFD_SUCCESS);
        CHECK(response.size() >= 2);
    }
    CHECK(driver.presence(0) == IFD_ICC_PRESENT);
}

TEST_CASE("Arguments that cannot be are refused", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    state.add_card(0);
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    Bytes atr;
    REQUIRE(driver.power_up(0, atr) == IFD_SUCCESS);
    Bytes command = some_command;
    Bytes answer(300);
    DWORD length = answer.size();
    const SCARD_IO_HEADER pci{SCARD_PROTOCOL_T1, 0};
    CHECK(driver.transmit(0, pci, command.data(), command.size(), answer.data(), nullptr,
                          nullptr) == IFD_ERROR_INSUFFICIENT_BUFFER);
    CHECK(driver.transmit(0, pci, command.data(), command.size(), nullptr, &length, nullptr) ==
          IFD_ERROR_INSUFFICIENT_BUFFER);
    CHECK(length == 0);
    length = answer.size();
    CHECK(driver.transmit(0, pci, nullptr, 4, answer.data(), &length, nullptr) ==
          IFD_COMMUNICATION_ERROR);
    length = answer.size();
    CHECK(driver.transmit(0, pci, command.data(), MAX_BUFFER_SIZE_EXTENDED + 1, answer.data(),
                          &length, nullptr) == IFD_COMMUNICATION_ERROR);
    CHECK(length == 0);
    // No receive header is no error, and no command is one that the card answers.
    length = answer.size();
    CHECK(driver.transmit(0, pci, command.data(), command.size(), answer.data(), &length,
                          nullptr) == IFD_SUCCESS);
    length = answer.size();
    CHECK(driver.transmit(0, pci, nullptr, 0, answer.data(), &length, nullptr) == IFD_SUCCESS);
    CHECK(length == 2);
}

TEST_CASE("An answer that does not fit is not cut", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    state.add_card(0);
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    Bytes atr;
    REQUIRE(driver.power_up(0, atr) == IFD_SUCCESS);
    Bytes response;
    for (const std::size_t room : {0U, 1U}) {
        CHECK(driver.send(0, some_command, response, room) == IFD_ERROR_INSUFFICIENT_BUFFER);
        CHECK(response.empty());
    }
}

TEST_CASE("Power: up and reset answer the ATR, down is silence", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    state.add_card(0);
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    Bytes atr;
    Bytes response;
    CHECK(driver.send(0, some_command, response) == IFD_COMMUNICATION_ERROR);
    for (int round = 0; round < 3; ++round) {
        REQUIRE(driver.power_up(0, atr) == IFD_SUCCESS);
        CHECK(atr.size() == 20);
        CHECK(driver.send(0, some_command, response) == IFD_SUCCESS);
        REQUIRE(driver.power_up(0, atr, IFD_RESET) == IFD_SUCCESS);
        CHECK(atr.size() == 20);
        CHECK(driver.send(0, some_command, response) == IFD_SUCCESS);
        CHECK(driver.power(0, IFD_POWER_DOWN, nullptr, nullptr) == IFD_SUCCESS);
        CHECK(driver.send(0, some_command, response) == IFD_COMMUNICATION_ERROR);
    }
    CHECK(driver.power_up(0, atr, 499) == IFD_NOT_SUPPORTED);
    CHECK(atr.empty());
    DWORD length = 19;
    Bytes short_buffer(19);
    CHECK(driver.power(0, IFD_POWER_UP, short_buffer.data(), &length) ==
          IFD_ERROR_INSUFFICIENT_BUFFER);
    CHECK(length == 0);
    CHECK(driver.power(0, IFD_POWER_UP, nullptr, nullptr) == IFD_ERROR_INSUFFICIENT_BUFFER);
}

TEST_CASE("Two slots work, wait and answer at the same time", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    state.add_card(0);
    state.add_card(1);
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    REQUIRE(driver.open(1) == IFD_SUCCESS);
    const auto work = [&driver](DWORD lun) {
        bool good = true;
        Bytes atr;
        Bytes response;
        for (int round = 0; round < 200; ++round) {
            good = good && driver.power_up(lun, atr) == IFD_SUCCESS;
            good = good && driver.send(lun, some_command, response) == IFD_SUCCESS;
            good = good && driver.presence(lun) == IFD_ICC_PRESENT;
            good = good && driver.capability(lun, SCARD_ATTR_ATR_STRING) == atr;
            driver.stop(lun);
            driver.wait(lun, 100);
        }
        return good;
    };
    auto zero = std::async(std::launch::async, work, 0);
    auto one = std::async(std::launch::async, work, 1);
    for (int round = 0; round < 20; ++round) {
        state.remove_card(state.add_card(2));
    }
    CHECK(zero.get());
    CHECK(one.get());
}
