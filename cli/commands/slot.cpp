// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/slot.hpp"

#include "apdu/piv/extension_commands.hpp"
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

} // namespace

card::KeySlot parse_slot(const std::string& text) {
    const std::string wanted = lower_case(text);
    for (const piv::KeyReference& reference : piv::key_references()) {
        if (wanted == to_hex(Bytes{reference.slot}) || wanted == name_of(reference.slot)) {
            return reference.slot;
        }
    }
    throw Failure(ExitCode::usage, std::string("there is no such slot: say ") + slot_forms);
}

card::KeySlot parse_certificate_slot(const std::string& text) {
    const std::string attestation = to_hex(Bytes{piv::attestation_key_reference});
    return lower_case(text) == attestation ? piv::attestation_key_reference : parse_slot(text);
}

std::string slot_text(card::KeySlot slot) {
    std::string text = to_hex(Bytes{slot});
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

std::string slot_title(card::KeySlot slot) {
    return "slot " + slot_text(slot) + " (" + name_of(slot) + ")";
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
