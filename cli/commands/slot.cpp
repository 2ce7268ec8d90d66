// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/slot.hpp"

#include "apdu/gids/minidriver_files.hpp"
#include "apdu/piv/extension_commands.hpp"
#include "cli/chosen_card.hpp"
#include "cli/failure.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

namespace tpmvsc::cli {
namespace {

constexpr std::array<std::pair<card::KeySlot, const char*>, 4> named_slots{{
    {0x9A, "authentication"},
    {0x9C, "signature"},
    {0x9D, "key-management"},
    {0x9E, "card-authentication"},
}};

constexpr std::array<std::pair<card::PinPolicy, const char*>, 3> policies{{
    {card::PinPolicy::never, "never"},
    {card::PinPolicy::once, "once"},
    {card::PinPolicy::always, "always"},
}};

std::string name_of(card::KeySlot slot) {
    if (slot == piv::attestation_key_reference) {
        return "attestation";
    }
    for (const auto& [number, name] : named_slots) {
        if (number == slot) {
            return name;
        }
    }
    return "retired-" + std::to_string(slot - piv::first_retired_slot + 1);
}

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

constexpr card::KeySlot first_container = 0x81;

/// A container by its number, or by the reference of its key; the two do not meet.
card::KeySlot parse_container(const std::string& text) {
    const std::string wanted = lower_case(text);
    for (std::size_t index = 0; index < gids::most_containers; ++index) {
        const auto reference = static_cast<card::KeySlot>(first_container + index);
        if (wanted == std::to_string(index) || wanted == to_hex(Bytes{reference})) {
            return reference;
        }
    }
    throw Failure(ExitCode::usage, "there is no such container: say its number, 0 to 29, or the "
                                   "reference of its key, 81 to 9e");
}

} // namespace

card::KeySlot parse_slot(const std::string& text) {
    const std::string wanted = lower_case(text);
    for (const piv::KeyReference& reference : piv::key_references()) {
        if (wanted == to_hex(Bytes{reference.slot}) || wanted == name_of(reference.slot)) {
            return reference.slot;
        }
    }
    throw Failure(
        ExitCode::usage,
        "there is no such slot: say 9a (authentication), 9c (signature), 9d (key-management), 9e "
        "(card-authentication), or 82 to 95 (retired-1 to retired-20)");
}

Slot parse_slot_on(const ChosenCard& card, const std::string& text) {
    return card.status.identity.profile == card::Profile::gids
               ? Slot(parse_container(text), card::Profile::gids)
               : Slot(parse_slot(text));
}

Slot parse_certificate_slot(const ChosenCard& card, const std::string& text) {
    const bool attestation = card.status.identity.profile == card::Profile::piv &&
                             lower_case(text) == to_hex(Bytes{piv::attestation_key_reference});
    return attestation ? Slot(piv::attestation_key_reference) : parse_slot_on(card, text);
}

Slot::Slot(card::KeySlot slot_number, const ChosenCard& card)
    : number(slot_number), profile(card.status.identity.profile) {}

std::string key_reference_text(card::KeySlot slot) {
    std::string text = to_hex(Bytes{slot});
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

std::string slot_text(const Slot& slot) {
    return slot.profile == card::Profile::gids ? std::to_string(slot.number - first_container)
                                               : key_reference_text(slot.number);
}

std::string slot_title(const Slot& slot) {
    return slot.profile == card::Profile::gids
               ? "container " + slot_text(slot) + " (key " + key_reference_text(slot.number) + ")"
               : "slot " + slot_text(slot) + " (" + name_of(slot.number) + ")";
}

const char* pin_policy_name(card::PinPolicy policy) {
    for (const auto& [value, name] : policies) {
        if (value == policy) {
            return name;
        }
    }
    return "always";
}

card::PinPolicy parse_pin_policy(const std::string& name) {
    for (const auto& [value, known] : policies) {
        if (name == known) {
            return value;
        }
    }
    throw Failure(ExitCode::usage, "--pin-policy takes never, once or always");
}

} // namespace tpmvsc::cli
