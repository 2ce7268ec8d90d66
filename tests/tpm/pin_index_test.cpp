// SPDX-License-Identifier: Apache-2.0
#include "tests/catch.hpp"
#include "tests/tpm/fixture.hpp"

#include "tpm/policy.hpp"

using namespace tpmvsc;
using namespace tpmvsc::tpm;
using namespace std::chrono_literals;

namespace {

const Bytes right_pin(32, 0x11);
const Bytes wrong_pin(32, 0x22);
const Bytes new_pin(32, 0x33);
const Bytes puk_value(32, 0x44);

PinCheck check(TpmFixture& fixture, const PinIndex& index, ByteView value,
               Ticket* ticket = nullptr) {
    PinCheck result{};
    fixture.tpm.run(
        [&](Connection& c) { result = check_pin(c, fixture.parent, index, value, 3600s, ticket); });
    return result;
}

PinCount count(TpmFixture& fixture, const PinIndex& index) {
    PinCount result;
    fixture.tpm.run([&](Connection& c) { result = read_count(c, fixture.parent, index); });
    return result;
}

/// What a machine's sleep comes to for a session that the kernel's resource manager keeps: the
/// kernel shuts the TPM down and starts it again from the saved state, and the session is loaded
/// again.
void sleep_now(TpmFixture& fixture, Connection& connection) {
    TPMS_CONTEXT kept{};
    TPMI_DH_CONTEXT handle = connection.policy_session(fixture.parent).handle();
    Executor& executor = connection.executor();
    executor.run(
        {.name = "TPM2_ContextSave", .code = TPM2_CC_ContextSave},
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_ContextSave_Prepare(sys, handle); },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_ContextSave_Complete(sys, &kept); });
    executor.run({.name = "TPM2_Shutdown", .code = TPM2_CC_Shutdown}, [](TSS2_SYS_CONTEXT* sys) {
        return Tss2_Sys_Shutdown_Prepare(sys, TPM2_SU_STATE);
    });
    fixture.swtpm.reset_chip();
    executor.run({.name = "TPM2_Startup", .code = TPM2_CC_Startup}, [](TSS2_SYS_CONTEXT* sys) {
        return Tss2_Sys_Startup_Prepare(sys, TPM2_SU_STATE);
    });
    executor.run(
        {.name = "TPM2_ContextLoad", .code = TPM2_CC_ContextLoad},
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_ContextLoad_Prepare(sys, &kept); },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_ContextLoad_Complete(sys, &handle); });
    fixture.now.since += 10s;
    fixture.now.asleep += 10s;
}

} // namespace

TEST_CASE("The right PIN is right after a sleep, also on the connection from before") {
    TpmFixture fixture;
    const PinIndex index = fixture.pin_index(right_pin, 3);
    Ticket ticket;
    REQUIRE(check(fixture, index, right_pin, &ticket) == PinCheck::right);
    fixture.tpm.run([&](Connection& c) { sleep_now(fixture, c); });
    CHECK(check(fixture, index, wrong_pin) == PinCheck::wrong);
    CHECK(check(fixture, index, right_pin, &ticket) == PinCheck::right);
    CHECK(count(fixture, index).used == 0);
}

TEST_CASE("The right PIN is right when the machine falls asleep just before the TPM is asked") {
    TpmFixture fixture;
    const PinIndex index = fixture.pin_index(right_pin, 3);
    unsigned runs = 0;
    PinCheck result{};
    Ticket ticket;
    fixture.tpm.run([&](Connection& c) {
        if (runs++ == 0)
            sleep_now(fixture, c);
        result = check_pin(c, fixture.parent, index, right_pin, 3600s, &ticket);
    });
    CHECK(runs == 2);
    CHECK(result == PinCheck::right);
    CHECK(count(fixture, index).used == 0);
}

TEST_CASE("A PIN index counts wrong values and blocks at its limit") {
    TpmFixture fixture;
    const PinIndex index = fixture.pin_index(right_pin, 3);
    CHECK(check(fixture, index, right_pin) == PinCheck::right);
    CHECK(check(fixture, index, wrong_pin) == PinCheck::wrong);
    CHECK(count(fixture, index).used == 1);
    CHECK(check(fixture, index, wrong_pin) == PinCheck::wrong);
    CHECK(check(fixture, index, right_pin) == PinCheck::right);
    CHECK(count(fixture, index).used == 0);
    for (int i = 0; i < 3; ++i)
        CHECK(check(fixture, index, wrong_pin) == PinCheck::wrong);
    CHECK(check(fixture, index, wrong_pin) == PinCheck::blocked);
    CHECK(check(fixture, index, right_pin) == PinCheck::blocked);
    CHECK(count(fixture, index).used == 3);
    CHECK(count(fixture, index).limit == 3);
}

TEST_CASE("A PIN check costs two commands when warm, right or wrong") {
    TpmFixture fixture;
    const PinIndex index = fixture.pin_index(right_pin, 3);
    check(fixture, index, right_pin);
    for (const auto& [value, most] : {std::pair{right_pin, 2u},
                                      {wrong_pin, 2u},
                                      {wrong_pin, 1u},
                                      {right_pin, 1u},
                                      {right_pin, 2u}}) {
        const auto before = fixture.tpm.command_count();
        check(fixture, index, value);
        CHECK(fixture.tpm.command_count() - before == most);
    }
}

TEST_CASE("Who knows the old PIN changes it") {
    TpmFixture fixture;
    const PinIndex index = fixture.pin_index(right_pin, 3);
    PinCheck result{};
    fixture.tpm.run(
        [&](Connection& c) { result = change_pin(c, fixture.parent, index, wrong_pin, new_pin); });
    CHECK(result == PinCheck::wrong);
    CHECK(count(fixture, index).used == 1);
    fixture.tpm.run(
        [&](Connection& c) { result = change_pin(c, fixture.parent, index, right_pin, new_pin); });
    CHECK(result == PinCheck::right);
    CHECK(count(fixture, index).used == 0);
    CHECK(check(fixture, index, right_pin) == PinCheck::wrong);
    CHECK(check(fixture, index, new_pin) == PinCheck::right);
}

TEST_CASE("Who knows the PUK unblocks the PIN, and nobody else") {
    TpmFixture fixture;
    const PinIndex puk = fixture.pin_index(puk_value, 3);
    const PinIndex pin = fixture.pin_index(right_pin, 3, {puk.name});
    for (int i = 0; i < 3; ++i)
        check(fixture, pin, wrong_pin);
    REQUIRE(check(fixture, pin, right_pin) == PinCheck::blocked);
    PinCheck result{};
    fixture.tpm.run([&](Connection& c) {
        result = unblock_pin(c, fixture.parent, pin, puk, wrong_pin, new_pin);
    });
    CHECK(result == PinCheck::wrong);
    CHECK(count(fixture, puk).used == 1);
    fixture.tpm.run([&](Connection& c) {
        result = unblock_pin(c, fixture.parent, pin, puk, puk_value, new_pin);
    });
    CHECK(result == PinCheck::right);
    CHECK(count(fixture, puk).used == 0);
    CHECK(count(fixture, pin).used == 0);
    CHECK(check(fixture, pin, right_pin) == PinCheck::wrong);
    CHECK(check(fixture, pin, new_pin) == PinCheck::right);
}

TEST_CASE("An authorisation value that ends in zeros is right as well") {
    TpmFixture fixture;
    Bytes value(32, 0x55);
    value[30] = value[31] = 0;
    const PinIndex index = fixture.pin_index(value, 3);
    CHECK(check(fixture, index, value) == PinCheck::right);
    PinCheck result{};
    fixture.tpm.run(
        [&](Connection& c) { result = change_pin(c, fixture.parent, index, value, value); });
    CHECK(result == PinCheck::right);
    CHECK(check(fixture, index, value) == PinCheck::right);
}
