// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/keys.hpp"

#include <string>

namespace CLI {
class App;
}

namespace tpmvsc::cli {

/// Words for --help.
inline constexpr const char* slot_forms =
    "9a (authentication), 9c (signature), 9d (key-management), 9e (card-authentication), or 82 to "
    "95 (retired-1 to retired-20)";

/// parse_slot understands a slot's number or name. Throws Failure(usage).
card::KeySlot parse_slot(const std::string& text);

/// parse_certificate_slot also takes f9, the card's attestation key.
card::KeySlot parse_certificate_slot(const std::string& text);

/// slot_text is how people write it: "9A".
std::string slot_text(card::KeySlot slot);

/// slot_title says it in a sentence: "slot 9A (authentication)".
std::string slot_title(card::KeySlot slot);

/// pin_policy_name is the name that the command line and JSON use, and parse_pin_policy the
/// inverse, which throws Failure(usage).
const char* pin_policy_name(card::PinPolicy policy);
card::PinPolicy parse_pin_policy(const std::string& name);

} // namespace tpmvsc::cli
