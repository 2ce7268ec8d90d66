// SPDX-License-Identifier: Apache-2.0
#include "cli/pin_rule_options.hpp"

#include "card/pin_complaint.hpp"
#include "card/pin_lengths.hpp"
#include "card/well_known.hpp"
#include "cli/card_values.hpp"
#include "cli/command_line.hpp"
#include "cli/failure.hpp"
#include "cli/output.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace tpmvsc::cli {
namespace {

using card::CharacterRule;
using card::PinKind;
using card::PinRules;

constexpr unsigned longest_history = 24;
constexpr std::chrono::seconds longest_duration = std::chrono::hours(8760);

constexpr std::array character_rules{std::pair{"allowed", CharacterRule::allowed},
                                     std::pair{"required", CharacterRule::required},
                                     std::pair{"forbidden", CharacterRule::forbidden}};

CharacterRule character_rule(const std::string& word) {
    return std::find_if(character_rules.begin(), character_rules.end(),
                        [&](const auto& row) { return row.first == word; })
        ->second;
}

std::array<CharacterRule, 4> kinds_of(const PinRules& rules) {
    return {rules.upper_case, rules.lower_case, rules.digits, rules.special};
}

std::chrono::seconds duration(const std::string& option, const std::string& text) {
    if (text.empty() || text == "0") {
        return std::chrono::seconds(0);
    }
    const auto value = parse_seconds(text);
    if (!value) {
        throw Failure(ExitCode::usage, option + " takes seconds, or a number with m or h (\"900\", "
                                                "\"15m\", \"8h\"), from 1 second to 8760h");
    }
    return *value;
}

[[noreturn]] void refuse(const std::string& sentence) {
    throw Failure(ExitCode::usage, sentence);
}

const char* name_of(card::Profile profile) {
    return profile == card::Profile::piv ? "PIV" : "GIDS";
}

void require_lengths(const PinRules& rules, card::Profile profile) {
    const card::PinLengths carried = card::pin_lengths(PinKind::pin, profile);
    for (const auto& [option, length] : {std::pair{"--pin-min-length", rules.shortest},
                                         std::pair{"--pin-max-length", rules.longest}}) {
        if (length != 0 && (length < carried.shortest || length > carried.longest)) {
            refuse(std::string(option) + " " + std::to_string(length) + " is not possible: a " +
                   name_of(profile) + " card's PIN has " + std::to_string(carried.shortest) +
                   " to " + std::to_string(carried.longest) + " characters");
        }
    }
    if (rules.longest != 0 && rules.shortest > rules.longest) {
        refuse("--pin-min-length is more than --pin-max-length: no PIN can have such a length");
    }
}

void require_characters(const PinRules& rules, card::Profile profile) {
    const auto kinds = kinds_of(rules);
    if (std::all_of(kinds.begin(), kinds.end(),
                    [](CharacterRule rule) { return rule == CharacterRule::forbidden; })) {
        refuse("all kinds of characters are forbidden: nothing is left for a PIN");
    }
    const auto required =
        static_cast<std::size_t>(std::count(kinds.begin(), kinds.end(), CharacterRule::required));
    const std::size_t longest =
        rules.longest != 0 ? rules.longest : card::pin_lengths(PinKind::pin, profile).longest;
    if (required > longest) {
        refuse(std::to_string(required) + " kinds of characters are required of a PIN that may " +
               "have " + std::to_string(longest) + " characters");
    }
}

/// Setting new tries puts the well-known values in place: they must not break the rules.
void require_settable(const PinRules& rules, card::Profile profile) {
    for (const PinKind kind : {PinKind::pin, PinKind::puk}) {
        if (card::complaint_about_rules(rules, kind,
                                        as_bytes(card::well_known_value(kind, profile)))) {
            refuse("--settable-tries does not go with these rules: setting the tries puts the "
                   "well-known PIN and PUK in place, which the rules forbid");
        }
    }
}

} // namespace

std::optional<std::chrono::seconds> parse_seconds(const std::string& text) {
    std::uint32_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    const std::string unit(stop, end);
    std::uint64_t scale = 0;
    if (unit.empty() || unit == "s") {
        scale = 1;
    } else if (unit == "m" || unit == "min") {
        scale = 60;
    } else if (unit == "h") {
        scale = 3600;
    }
    const std::chrono::seconds value(number * scale);
    if (error != std::errc() || value.count() == 0 || value > longest_duration) {
        return std::nullopt;
    }
    return value;
}

void declare_pin_rules(CLI::App& command, PinRuleArguments& arguments) {
    const auto group = "PIN rules, kept by the card on every change";
    command.add_option("--pin-min-length", arguments.shortest, "fewest characters of a PIN")
        ->group(group);
    command.add_option("--pin-max-length", arguments.longest, "most characters of a PIN")
        ->group(group);
    for (const auto& [option, word, what] :
         {std::tuple{"--pin-upper", &arguments.upper_case, "upper-case letters"},
          std::tuple{"--pin-lower", &arguments.lower_case, "lower-case letters"},
          std::tuple{"--pin-digits", &arguments.digits, "digits"},
          std::tuple{"--pin-special", &arguments.special, "other characters"}}) {
        command.add_option(option, *word, std::string(what) + " in a PIN")
            ->check(CLI::IsMember({"allowed", "required", "forbidden"}))
            ->group(group);
    }
    command
        .add_flag("--pin-no-trivial", arguments.no_trivial,
                  "refuse PINs and PUKs that are guessed first: 123456, 777777, qwertz, birthdays")
        ->group(group);
    command
        .add_option("--pin-history", arguments.history,
                    "refuse the last so many PINs, 24 at most; costs a PIN change some time")
        ->check(CLI::Range(0u, longest_history))
        ->group(group);
    command
        .add_option("--pin-session", arguments.session,
                    "how long one PIN entry lasts at most (\"900\", \"15m\", \"8h\"): the TPM "
                    "then ends the login; 0, and when not said: pin_session of tpmvsc.conf")
        ->check(not_empty)
        ->group(group);
    command
        .add_option("--pin-inactivity", arguments.inactivity,
                    "end a login that no key has been used with for so long; 0: never")
        ->check(not_empty)
        ->group(group);
}

namespace {

PinRules rules_of(const PinRuleArguments& arguments) {
    PinRules rules;
    rules.shortest = arguments.shortest;
    rules.longest = arguments.longest;
    rules.upper_case = character_rule(arguments.upper_case);
    rules.lower_case = character_rule(arguments.lower_case);
    rules.digits = character_rule(arguments.digits);
    rules.special = character_rule(arguments.special);
    rules.no_trivial = arguments.no_trivial;
    rules.history = arguments.history;
    rules.session = duration("--pin-session", arguments.session);
    rules.inactivity = duration("--pin-inactivity", arguments.inactivity);
    return rules;
}

void require_possible(const PinRules& rules, card::Profile profile) {
    require_lengths(rules, profile);
    require_characters(rules, profile);
    if (rules.history > longest_history || rules.session > longest_duration ||
        rules.inactivity > longest_duration) {
        refuse("a history has 24 PINs at most, and a login lasts a year at most");
    }
    if (rules.session.count() != 0 && rules.inactivity >= rules.session) {
        refuse("--pin-inactivity has no effect: by then --pin-session has ended the login");
    }
}

} // namespace

PinRules pin_rules(const PinRuleArguments& arguments, card::Profile profile, bool settable_tries) {
    const PinRules rules = rules_of(arguments);
    require_keepable(rules, profile, settable_tries);
    return rules;
}

void require_keepable(const PinRules& rules, card::Profile profile, bool settable_tries) {
    require_possible(rules, profile);
    if (settable_tries) {
        require_settable(rules, profile);
    }
}

PinRules changed_pin_rules(const CLI::App& command, const PinRuleArguments& arguments,
                           const PinRules& present, card::Profile profile) {
    const PinRules typed = rules_of(arguments);
    PinRules rules = present;
    const auto take = [&](const char* option, auto PinRules::*rule) {
        if (command.count(option) != 0) {
            rules.*rule = typed.*rule;
        }
    };
    take("--pin-min-length", &PinRules::shortest);
    take("--pin-max-length", &PinRules::longest);
    take("--pin-upper", &PinRules::upper_case);
    take("--pin-lower", &PinRules::lower_case);
    take("--pin-digits", &PinRules::digits);
    take("--pin-special", &PinRules::special);
    take("--pin-no-trivial", &PinRules::no_trivial);
    take("--pin-history", &PinRules::history);
    take("--pin-session", &PinRules::session);
    take("--pin-inactivity", &PinRules::inactivity);
    require_possible(rules, profile);
    return rules;
}

std::optional<std::string> complaint_about_rules(const PinRules& rules, card::Profile profile) {
    const bool letters = rules.upper_case == CharacterRule::required ||
                         rules.lower_case == CharacterRule::required ||
                         rules.special == CharacterRule::required;
    if (!letters && rules.digits != CharacterRule::forbidden) {
        return std::nullopt;
    }
    return profile == card::Profile::piv
               ? "the rules demand a PIN that is not all digits, as PIV has it: some programs "
                 "refuse such a PIN"
               : "the rules demand a PIN that is not all digits: some programs refuse such a PIN";
}

void warn_of_pin_rules(const PinRules& rules, card::Profile profile, Output& output) {
    if (const auto complaint = complaint_about_rules(rules, profile)) {
        output.warning(*complaint);
    }
}

} // namespace tpmvsc::cli
