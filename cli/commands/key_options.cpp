// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/key_options.hpp"

#include "cli/commands/card_in_use.hpp"
#include "cli/commands/confirmation.hpp"
#include "cli/commands/known_secret.hpp"

#include <CLI/CLI.hpp>

namespace tpmvsc::cli {
namespace {

std::optional<client::KeyUse> parse_key_use(const std::string& text) {
    if (text.empty()) {
        return std::nullopt;
    }
    return text == "sign" ? client::KeyUse::signature : client::KeyUse::exchange;
}

} // namespace

void add_slot(CLI::App& command, KeyArguments& arguments) {
    command.add_option("slot", arguments.slot, slot_forms)->type_name("SLOT")->required();
}

void add_new_slot(CLI::App& command, KeyArguments& arguments) {
    command
        .add_option("slot", arguments.slot,
                    std::string(slot_forms) + ", or new, the first free one, which is meant when "
                                              "nothing is said")
        ->type_name("SLOT");
}

void add_force(CLI::App& command, KeyArguments& arguments) {
    command.add_flag("--force", arguments.force, "do not ask back");
}

void add_secrets(CLI::App& command, KeyArguments& arguments) {
    add_pin_option(command, arguments.secrets.pin);
    add_admin_key_option(command, arguments.secrets.admin_key);
    add_card_choice(command, arguments.choice);
}

void add_new_key_options(CLI::App& command, NewKeyArguments& arguments) {
    command
        .add_option("--pin-policy", arguments.pin_policy,
                    "when the key asks for the PIN; the slot's own when not given: 9c always, 9e "
                    "never, others once a login")
        ->check(CLI::IsMember({"never", "once", "always"}));
    command
        .add_option("--key-usage", arguments.key_usage,
                    "on a GIDS card: sign, or exchange, which decrypts and signs, and is meant for "
                    "RSA keys when nothing is said")
        ->check(CLI::IsMember({"sign", "exchange"}));
    command
        .add_option("--label", arguments.label,
                    "on a GIDS card: what the container is called; a random name when nothing is "
                    "said")
        ->type_name("NAME");
}

Slot slot_for_new_key(const ChosenCard& card, const std::string& text) {
    return text.empty() || text == "new" ? Slot(CardInUse(card).keys().free_slot(), card)
                                         : parse_slot_on(card, text);
}

client::NewKey wanted_key(const ChosenCard& card, const NewKeyArguments& arguments,
                          const Slot& slot, card::KeyAlgorithm algorithm) {
    client::NewKey wanted{slot.number, algorithm, std::nullopt, parse_key_use(arguments.key_usage),
                          arguments.label};
    if (!arguments.pin_policy.empty()) {
        wanted.pin_policy = parse_pin_policy(arguments.pin_policy);
    }
    CardInUse(card).keys().require_possible(wanted);
    return wanted;
}

void confirm_replacement(const ChosenCard& card, const Slot& slot, bool force) {
    if (const auto key = key_in(card, slot.number)) {
        confirm(force, "This replaces " + key_title(key->algorithm, slot) + " of " + card.title() +
                           ".\nThe former key will be gone for good, and what was encrypted for it "
                           "cannot be read any more.");
    }
}

std::string key_title(card::KeyAlgorithm algorithm, const Slot& slot) {
    return std::string("the ") + card::algorithm_name(algorithm) + " key in " + slot_title(slot);
}

Json slot_json(const Slot& slot) {
    Json json{{"slot", key_reference_text(slot.number)}};
    if (slot.profile == card::Profile::gids) {
        json["container"] = std::stoi(slot_text(slot));
    }
    return json;
}

Json key_json(card::KeyAlgorithm algorithm, const Slot& slot) {
    Json json = slot_json(slot);
    json["algorithm"] = card::algorithm_name(algorithm);
    return json;
}

} // namespace tpmvsc::cli
