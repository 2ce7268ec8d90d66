// SPDX-License-Identifier: Apache-2.0
#include "card/card_state.hpp"

#include <algorithm>

namespace tpmvsc::card {

tpm::Lockout Card::State::lockout() {
    tpm::Lockout now;
    with_tpm([&](tpm::Connection& connection) { now = tpm::read_lockout(connection); });
    if (!now.active)
        locked_since.reset();
    return now;
}

PinTries Card::State::lockout_tries() {
    const tpm::Lockout now = lockout();
    // A limit of zero would say that there is no such PIN.
    return {now.tries_left(), std::max(now.limits.max_tries, 1u)};
}

PinOutcome Card::State::lockout_outcome(PinOutcome::Result result) {
    PinOutcome outcome{result, 0};
    // What is left is asked only where somebody is told.
    if (result != PinOutcome::Result::wrong)
        return outcome;
    outcome.tries_left = lockout_tries().left;
    if (outcome.tries_left == 0)
        locked_since = clock(); // it was compared, so the TPM was not locked before
    return outcome;
}

std::optional<std::chrono::seconds> Card::locked_for() {
    if (anti_hammering() == AntiHammering::counter)
        return std::nullopt;
    const tpm::Lockout lockout = state_->lockout();
    if (!lockout.active)
        return std::nullopt;
    const std::chrono::seconds longest = lockout.longest_wait();
    const BootTime now = state_->clock();
    std::optional<BootTime>& since = state_->locked_since;
    if (since && since->run == now.run) {
        const auto passed = std::chrono::floor<std::chrono::seconds>(now.since - since->since);
        if (passed < longest)
            return longest - passed;
    }
    since.reset();
    return longest;
}

} // namespace tpmvsc::card
