// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/create.hpp"
#include "cli/anti_hammering_option.hpp"
#include "cli/pin_rule_options.hpp"
#include "cli/reset_options.hpp"

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tpmvsc::cli {

/// NewCardArguments are the options that say what a new card is to be, as typed: those of "create",
/// and of "reissue", where what is not given is as the old card has it.
struct NewCardArguments {
    bool generate = false;
    std::string pin = "prompt";
    ResetOptions reset;
    std::string admin_algorithm; ///< empty: not given
    std::string owner;           ///< empty: not given
    std::string owner_auth;
    std::string anti_hammering; ///< empty: not given
    std::optional<unsigned> pin_tries;
    bool settable_tries = false;
    std::optional<unsigned> puk_tries;
    PinRuleArguments pin_rules;
    const CLI::App* command = nullptr; ///< knows what was given
};

/// Where its secrets come from: understood before anything is done.
struct NewCardSources {
    SecretSource pin;
    std::optional<SecretSource> owner_auth;
};
NewCardSources parse_sources(const NewCardArguments& arguments);

/// declare_new_card_options adds them all to the command.
void declare_new_card_options(CLI::App& command, NewCardArguments& arguments);

/// require_consistency refuses options that contradict each other, or the profile.
void require_consistency(const NewCardArguments& arguments, card::Profile profile, bool blank);

/// wish_of tells what stands against guessing on such a card.
AntiHammeringWish wish_of(const NewCardArguments& arguments, bool blank);

/// collect_new_card fills in what the options say; `options` has what they do not say, the name and
/// the profile. Asks for secrets, or makes them: those are added to `shown`.
void collect_new_card(NewCardArguments& arguments, const NewCardSources& sources,
                      card::CreateOptions& options, Output& output,
                      std::vector<ShownSecret>& shown);

} // namespace tpmvsc::cli
