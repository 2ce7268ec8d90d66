// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/anti_hammering_option.hpp"
#include "cli/pin_rule_options.hpp"
#include "library/make_card.hpp"
#include "library/tpmvsc.h"

#include <optional>
#include <string>

/// What a program has said of a new card.
struct tpmvsc_options {
    tpmvsc::card::CreateOptions card; ///< values as they are; who may reset the PIN comes later
    std::optional<unsigned> pin_tries;
    std::optional<unsigned> puk_tries;
    tpmvsc::cli::PinRuleArguments pin_rules;
    std::string anti_hammering;
    std::string owner;
    tpmvsc::SecretBytes admin_master;
    bool unmanaged = false;
    tpmvsc_keeper keeper = nullptr;
    void* keeper_user = nullptr;
};

namespace tpmvsc::library {

/// finished gives the options of the card. Throws Failure(usage) for what contradicts itself.
card::CreateOptions finished(const tpmvsc_options& options);

/// wish_of tells what stands against guessing.
cli::AntiHammeringWish wish_of(const tpmvsc_options& options);

/// completion_of derives the admin key and tells the program's keeper.
Complete completion_of(const tpmvsc_options& options);

} // namespace tpmvsc::library
