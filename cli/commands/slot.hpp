// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/identity.hpp"
#include "card/keys.hpp"

#include <string>

namespace CLI {
class App;
}

namespace tpmvsc::cli {

struct ChosenCard;

/// Slot is a place for a key: one of PIV's, or a container of a GIDS card, by its key reference.
struct Slot {
    Slot() = default;
    Slot(card::KeySlot slot_number, card::Profile slot_profile = card::Profile::piv)
        : number(slot_number), profile(slot_profile) {}
    Slot(card::KeySlot slot_number, const ChosenCard& card);

    card::KeySlot number = 0;
    card::Profile profile = card::Profile::piv;
};

/// Words for --help.
inline constexpr const char* slot_forms =
    "9a (authentication), 9c (signature), 9d (key-management), 9e (card-authentication), or 82 to "
    "95 (retired-1 to retired-20); on a GIDS card a container, 0 to 29, or the reference of its "
    "key, 81 to 9e";

/// parse_slot understands the number or name of a slot of PIV. Throws Failure(usage).
card::KeySlot parse_slot(const std::string& text);

/// parse_slot_on understands what `text` means on `card`. Throws Failure(usage).
Slot parse_slot_on(const ChosenCard& card, const std::string& text);

/// parse_certificate_slot also takes f9, the attestation key of a PIV card.
Slot parse_certificate_slot(const ChosenCard& card, const std::string& text);

/// slot_text is how people write it: "9A", or on a GIDS card "0".
std::string slot_text(const Slot& slot);

/// slot_title says it in a sentence: "slot 9A (authentication)", "container 0 (key 81)".
std::string slot_title(const Slot& slot);

/// key_reference_text is the key reference in hexadecimal: "9A", "81".
std::string key_reference_text(card::KeySlot slot);

/// pin_policy_name is the name that the command line and JSON use, and parse_pin_policy the
/// inverse, which throws Failure(usage).
const char* pin_policy_name(card::PinPolicy policy);
card::PinPolicy parse_pin_policy(const std::string& name);

} // namespace tpmvsc::cli
