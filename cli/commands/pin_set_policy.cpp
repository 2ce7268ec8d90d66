// SPDX-License-Identifier: Apache-2.0
#include "cli/client/pin_rules.hpp"
#include "cli/commands/card_commands.hpp"
#include "cli/commands/known_secret.hpp"
#include "cli/commands/noun.hpp"
#include "cli/commands/tell.hpp"
#include "cli/pin_rule_options.hpp"
#include "cli/pin_rule_words.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* pin_set_policy_examples =
    "Examples:\n"
    "  tpmvsc pin set-policy --pin-min-length 8 --pin-no-trivial\n"
    "      for each new PIN from now on; asks for the admin key\n"
    "  tpmvsc pin set-policy --card laptop --pin-session 1h --admin-key file:/run/admin\n"
    "  tpmvsc pin set-policy --pin-digits allowed --pin-upper allowed\n"
    "Rules that are not named stay as they are. The PIN that there is stays, too: have it changed\n"
    "where it should keep the new rules.\n";

struct PolicyArguments {
    CardChoice choice;
    PinRuleArguments rules;
    std::string admin_key = "prompt";
};

ExitCode set_policy(const CLI::App& command, const PolicyArguments& arguments, Output& output) {
    const ChosenCard card = ask_chosen_card(arguments.choice);
    const card::Profile profile = card.status.identity.profile;
    const card::PinRules& present = card.status.pin_rules;
    const card::PinRules rules = changed_pin_rules(command, arguments.rules, present, profile);
    if (rules == present) {
        throw Failure(ExitCode::usage, "these are the rules of " + card.title() +
                                           " already: say what is to be otherwise");
    }
    if (rules.history != present.history) {
        throw Failure(ExitCode::unsupported,
                      "how many PINs a card remembers is decided when it is made");
    }
    const SecretBytes admin_key = read_known_admin_key(arguments.admin_key, card);
    warn_of_pin_rules(rules, profile, output);
    {
        const pcsc::Context context;
        pcsc::Session session(context, card.reader);
        client::set_pin_rules(session, profile, admin_key.view(), rules);
    }
    const auto words = pin_rule_words(rules);
    tell(output, card,
         "The rules for new PINs of " + card.title() + " are changed: " +
             (words.empty() ? "as the profile has it" : joined(words, ", ")) + ".",
         {{"changed", "pin-policy"}, {"pin_rules", pin_rules_to_json(rules)}});
    return ExitCode::done;
}

} // namespace

void add_pin_set_policy(CLI::App& app, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<PolicyArguments>();
    CLI::App* command =
        noun(app, "pin", "")
            .add_subcommand("set-policy",
                            "set the rules that new PINs have to keep, and how long a login lasts");
    declare_pin_rules(*command, arguments->rules);
    add_admin_key_option(*command, arguments->admin_key);
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, pin_set_policy_examples);
    command->callback([&chosen, arguments, command] {
        chosen = [arguments, command](Output& out) {
            return set_policy(*command, *arguments, out);
        };
    });
}

} // namespace tpmvsc::cli
