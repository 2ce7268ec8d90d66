// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/pin_rules.hpp"
#include "cli/output.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace tpmvsc::cli {

/// pin_rule_words tells people what is asked of a new PIN, a clause each ("at least 8 characters");
/// empty when it is only what the profile asks.
std::vector<std::string> pin_rule_words(const card::PinRules& rules);

/// joined puts clauses together.
std::string joined(const std::vector<std::string>& words, const std::string& between);

/// session_words tells how long a login lasts: "at most 8 h, or 10 min without use". `life` is what
/// is in force, by the card's own rule or the driver's setting.
std::string session_words(const card::PinRules& rules, std::chrono::seconds life);

/// pin_rules_to_json is the same for scripts.
Json pin_rules_to_json(const card::PinRules& rules);
Json session_to_json(const card::PinRules& rules, std::chrono::seconds life);

} // namespace tpmvsc::cli
