// SPDX-License-Identifier: Apache-2.0
#include "cli/pin_rule_words.hpp"

#include <array>

namespace tpmvsc::cli {
namespace {

using card::CharacterRule;
using card::PinRules;

struct Kind {
    const char* key;
    const char* words;
    CharacterRule rule;
};

std::array<Kind, 4> kinds_of(const PinRules& rules) {
    return {{{"upper_case", "upper-case letters", rules.upper_case},
             {"lower_case", "lower-case letters", rules.lower_case},
             {"digits", "digits", rules.digits},
             {"special", "special characters", rules.special}}};
}

const char* word_of(CharacterRule rule) {
    switch (rule) {
    case CharacterRule::required:
        return "required";
    case CharacterRule::forbidden:
        return "forbidden";
    default:
        return "allowed";
    }
}

std::string length_words(const PinRules& rules) {
    const std::string shortest = std::to_string(rules.shortest);
    const std::string longest = std::to_string(rules.longest);
    if (rules.longest == 0) {
        return "at least " + shortest + " characters";
    }
    if (rules.shortest == 0) {
        return "at most " + longest + " characters";
    }
    return rules.shortest == rules.longest ? shortest + " characters"
                                           : shortest + " to " + longest + " characters";
}

/// 90 s, 15 min, 8 h: in the largest unit that leaves nothing over.
std::string duration_words(std::chrono::seconds duration) {
    const auto count = duration.count();
    if (count % 3600 == 0) {
        return std::to_string(count / 3600) + " h";
    }
    return count % 60 == 0 ? std::to_string(count / 60) + " min" : std::to_string(count) + " s";
}

} // namespace

std::vector<std::string> pin_rule_words(const PinRules& rules) {
    std::vector<std::string> words;
    if (rules.shortest != 0 || rules.longest != 0) {
        words.push_back(length_words(rules));
    }
    for (const Kind& kind : kinds_of(rules)) {
        if (kind.rule != CharacterRule::allowed) {
            words.push_back(std::string(kind.words) + " " + word_of(kind.rule));
        }
    }
    if (rules.no_trivial) {
        words.emplace_back("none that is guessed first");
    }
    if (rules.history != 0) {
        words.push_back(rules.history == 1 ? "not the last one"
                                           : "none of the last " + std::to_string(rules.history));
    }
    return words;
}

std::string joined(const std::vector<std::string>& words, const std::string& between) {
    std::string all;
    for (const std::string& word : words) {
        all += (all.empty() ? "" : between) + word;
    }
    return all;
}

std::string session_words(const PinRules& rules, std::chrono::seconds life) {
    std::string words = "at most " + duration_words(life);
    if (rules.session.count() == 0) {
        words += " (the driver's setting)";
    }
    if (rules.inactivity.count() != 0) {
        words += ", or " + duration_words(rules.inactivity) + " without use";
    }
    return words;
}

Json pin_rules_to_json(const PinRules& rules) {
    Json json{{"min_length", rules.shortest == 0 ? Json() : Json(rules.shortest)},
              {"max_length", rules.longest == 0 ? Json() : Json(rules.longest)},
              {"no_trivial", rules.no_trivial},
              {"history", rules.history}};
    for (const Kind& kind : kinds_of(rules)) {
        json[kind.key] = word_of(kind.rule);
    }
    return json;
}

Json session_to_json(const PinRules& rules, std::chrono::seconds life) {
    return {{"seconds", life.count()},
            {"from", rules.session.count() != 0 ? "card" : "driver"},
            {"inactivity_seconds",
             rules.inactivity.count() == 0 ? Json() : Json(rules.inactivity.count())}};
}

} // namespace tpmvsc::cli
