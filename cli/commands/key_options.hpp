// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/keys.hpp"
#include "cli/chosen_card.hpp"
#include "cli/client/key_card.hpp"
#include "cli/commands/authorisation.hpp"
#include "cli/commands/slot.hpp"
#include "cli/output.hpp"

#include <optional>
#include <string>

namespace CLI {
class App;
}

/// What the commands on keys have in common.
namespace tpmvsc::cli {

/// KeyArguments are the card, a slot on it, and what the card may want to be shown.
struct KeyArguments {
    CardChoice choice;
    std::string slot;
    SecretSources secrets;
    bool force = false;
};

/// NewKeyArguments are what the command line says of a key that is to come on the card.
struct NewKeyArguments : KeyArguments {
    std::string pin_policy;
    std::string key_usage;
    std::string label;
};

void add_slot(CLI::App& command, KeyArguments& arguments);
/// add_new_slot declares a slot that may be left out where the card has containers.
void add_new_slot(CLI::App& command, KeyArguments& arguments);
void add_force(CLI::App& command, KeyArguments& arguments);
/// add_secrets declares --pin and --admin-key, and --card and --reader.
void add_secrets(CLI::App& command, KeyArguments& arguments);
/// add_new_key_options declares --pin-policy, --key-usage and --label.
void add_new_key_options(CLI::App& command, NewKeyArguments& arguments);

/// slot_for_new_key is the slot that was said, or a free one where the card lets it be left out;
/// "new" asks for that. Throws Failure.
Slot slot_for_new_key(const ChosenCard& card, const std::string& text);

/// wanted_key is the key that the options want, once it is clear that the card can take it so.
client::NewKey wanted_key(const ChosenCard& card, const NewKeyArguments& arguments,
                          const Slot& slot, card::KeyAlgorithm algorithm);

/// confirm_replacement asks back where the slot holds a key, which would be gone.
void confirm_replacement(const ChosenCard& card, const Slot& slot, bool force);

/// key_title says which key: "the RSA-2048 key in slot 9A (authentication)".
std::string key_title(card::KeyAlgorithm algorithm, const Slot& slot);

/// What all of them tell in JSON.
Json key_json(card::KeyAlgorithm algorithm, const Slot& slot);
Json slot_json(const Slot& slot);

} // namespace tpmvsc::cli
