// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/key_options.hpp"

#include "cli/commands/card_in_use.hpp"
#include "cli/commands/confirmation.hpp"
#include "cli/commands/slot.hpp"

#include <CLI/CLI.hpp>

namespace tpmvsc::cli {

void add_slot(CLI::App& command, KeyArguments& arguments) {
    command.add_option("slot", arguments.slot, slot_forms)->required();
}

void add_force(CLI::App& command, KeyArguments& arguments) {
    command.add_flag("--force", arguments.force, "do not ask back");
}

void add_pin_policy_option(CLI::App& command, std::string& policy) {
    command
        .add_option("--pin-policy", policy,
                    "when the key asks for the PIN; the slot's own when not given: 9c always, 9e "
                    "never, others once a login")
        ->check(CLI::IsMember({"never", "once", "always"}));
}

std::optional<card::PinPolicy> chosen_pin_policy(const std::string& policy) {
    return policy.empty() ? std::nullopt : std::optional(parse_pin_policy(policy));
}

void confirm_replacement(const ChosenCard& card, card::KeySlot slot, bool force) {
    if (const auto key = key_in(card, slot)) {
        confirm(force, "This replaces " + key_title(key->algorithm, slot) + " of " + card.title() +
                           ".\nThe former key will be gone for good, and what was encrypted for it "
                           "cannot be read any more.");
    }
}

std::string key_title(card::KeyAlgorithm algorithm, card::KeySlot slot) {
    return std::string("the ") + card::algorithm_name(algorithm) + " key in " + slot_title(slot);
}

Json key_json(card::KeyAlgorithm algorithm, card::KeySlot slot) {
    return {{"slot", slot_text(slot)}, {"algorithm", card::algorithm_name(algorithm)}};
}

} // namespace tpmvsc::cli
