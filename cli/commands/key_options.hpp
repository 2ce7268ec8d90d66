// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/keys.hpp"
#include "cli/chosen_card.hpp"
#include "cli/output.hpp"

#include <optional>
#include <string>

namespace CLI {
class App;
}

/// What the commands on keys have in common.
namespace tpmvsc::cli {

/// KeyArguments are the card, a slot on it, and the admin key that most commands want.
struct KeyArguments {
    CardChoice choice;
    std::string slot;
    std::string admin_key = "prompt";
    bool force = false;
};

void add_slot(CLI::App& command, KeyArguments& arguments);
void add_force(CLI::App& command, KeyArguments& arguments);
/// add_pin_policy_option declares --pin-policy.
void add_pin_policy_option(CLI::App& command, std::string& policy);
std::optional<card::PinPolicy> chosen_pin_policy(const std::string& policy);

/// confirm_replacement asks back where the slot holds a key, which would be gone.
void confirm_replacement(const ChosenCard& card, card::KeySlot slot, bool force);

/// key_title says which key: "the RSA-2048 key in slot 9A (authentication)".
std::string key_title(card::KeyAlgorithm algorithm, card::KeySlot slot);

/// What all of them tell in JSON.
Json key_json(card::KeyAlgorithm algorithm, card::KeySlot slot);

} // namespace tpmvsc::cli
