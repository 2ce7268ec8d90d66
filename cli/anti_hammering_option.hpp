// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/pins.hpp"
#include <functional>
#include <string>

namespace tpmvsc::tpm {
struct TpmFacts;
}

namespace tpmvsc::cli {

/// Is told a sentence.
using Say = std::function<void(const std::string&)>;

/// AntiHammeringWish is what a new card was asked to be.
struct AntiHammeringWish {
    std::string value;        ///< of --anti-hammering; empty where it was not given
    std::string tries_option; ///< the first option given that says how many tries there are
    bool blank = false;       ///< the card is to be blank
};

/// anti_hammering_name is the name that the command line and JSON use: counter, lockout.
const char* anti_hammering_name(card::AntiHammering anti_hammering);

/// require_no_tries throws Failure(usage) for tries of a card whose PIN the TPM's lockout guards.
void require_no_tries(const AntiHammeringWish& wish);

/// choose_anti_hammering gives what was asked for, else counter where this TPM has PIN counters,
/// else lockout, of which it `warn`s. Throws Failure(unsupported) for what this TPM cannot do.
card::AntiHammering choose_anti_hammering(const AntiHammeringWish& wish, const tpm::TpmFacts& facts,
                                          const Say& warn);

} // namespace tpmvsc::cli
