// SPDX-License-Identifier: Apache-2.0
#include "cli/anti_hammering_option.hpp"

#include "cli/failure.hpp"
#include "cli/lockout_text.hpp"
#include "cli/machine.hpp"
#include "tpm/capabilities.hpp"

namespace tpmvsc::cli {
namespace {

/// What takes PIN indices, in a TPM that has none.
void require_possible_without_counters(const AntiHammeringWish& wish) {
    if (wish.value == "counter" || !wish.tries_option.empty()) {
        const std::string option =
            wish.value == "counter" ? "--anti-hammering counter" : wish.tries_option;
        throw Failure(ExitCode::unsupported, std::string(no_pin_counters) + ", so " + option +
                                                 " is not possible (" + newer_firmware +
                                                 "); with --anti-hammering lockout alone it is");
    }
    if (wish.blank) {
        throw Failure(ExitCode::unsupported,
                      std::string(no_pin_counters) +
                          ", and nothing else closes a blank card for good: make the card ready "
                          "for use with --generate");
    }
}

void require_protection(const tpm::TpmFacts& facts, const Say& warn) {
    if (!facts.lockout.limits.protects()) {
        throw Failure(ExitCode::unsupported,
                      std::string(lockout_switched_off) +
                          ". Switch it on with tpmvsc lockout set --recovery-time SECONDS");
    }
    if (!facts.lockout.password_set) {
        warn(no_lockout_password);
    }
}

} // namespace

const char* anti_hammering_name(card::AntiHammering anti_hammering) {
    return anti_hammering == card::AntiHammering::counter ? "counter" : "lockout";
}

void require_no_tries(const AntiHammeringWish& wish) {
    if (wish.value == "lockout" && !wish.tries_option.empty()) {
        throw Failure(ExitCode::usage, wish.tries_option +
                                           " is for --anti-hammering counter: in the lockout the "
                                           "tries are the TPM's, the same for all its users");
    }
}

card::AntiHammering choose_anti_hammering(const AntiHammeringWish& wish, const tpm::TpmFacts& facts,
                                          const Say& warn) {
    if (facts.has_pin_indices && wish.value != "lockout") {
        return card::AntiHammering::counter;
    }
    if (!facts.has_pin_indices) {
        require_possible_without_counters(wish);
        if (wish.value.empty()) {
            warn(std::string(no_pin_counters) +
                 ": wrong PINs count in the TPM's lockout instead, together with wrong "
                 "passwords of all its other users (--anti-hammering lockout)");
        }
    }
    require_protection(facts, warn);
    return card::AntiHammering::lockout;
}

} // namespace tpmvsc::cli
