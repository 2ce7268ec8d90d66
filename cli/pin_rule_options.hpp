// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/identity.hpp"
#include "card/pin_rules.hpp"

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace tpmvsc::cli {

class Output;

/// PinRuleArguments are create's options on PINs and logins, as typed.
struct PinRuleArguments {
    unsigned shortest = 0; ///< 0: not given
    unsigned longest = 0;
    std::string upper_case = "allowed";
    std::string lower_case = "allowed";
    std::string digits = "allowed";
    std::string special = "allowed";
    bool no_trivial = false;
    unsigned history = 0;
    std::string session; ///< empty: not given
    std::string inactivity;
};

/// declare_pin_rules adds the options --pin-min-length to --pin-inactivity.
void declare_pin_rules(CLI::App& command, PinRuleArguments& arguments);

/// pin_rules makes rules of them. Throws Failure(usage) with a sentence when a card of this profile
/// cannot keep them, or nobody could, or they contradict each other.
card::PinRules pin_rules(const PinRuleArguments& arguments, card::Profile profile,
                         bool settable_tries);

/// changed_pin_rules gives `present` with those that `command` was told of in their place.
card::PinRules changed_pin_rules(const CLI::App& command, const PinRuleArguments& arguments,
                                 const card::PinRules& present, card::Profile profile);

/// warn_of_pin_rules says what speaks against rules that a card can keep.
void warn_of_pin_rules(const card::PinRules& rules, card::Profile profile, Output& output);

/// require_keepable throws Failure(usage) for rules that a card cannot keep, or nobody could.
void require_keepable(const card::PinRules& rules, card::Profile profile, bool settable_tries);

/// complaint_about_rules says what speaks against rules that a card can keep, or nothing.
std::optional<std::string> complaint_about_rules(const card::PinRules& rules,
                                                 card::Profile profile);

/// parse_seconds reads "90", "90s", "30m" or "8h"; nothing for anything else, zero, or more than a
/// year.
std::optional<std::chrono::seconds> parse_seconds(const std::string& text);

} // namespace tpmvsc::cli
