// SPDX-License-Identifier: Apache-2.0
#include "card/pin_complaint.hpp"

#include "card/pin_lengths.hpp"
#include "card/trivial_pin.hpp"

#include <algorithm>
#include <array>

namespace tpmvsc::card {

namespace {

bool is_upper_case(std::uint8_t byte) {
    return byte >= 'A' && byte <= 'Z';
}

bool is_lower_case(std::uint8_t byte) {
    return byte >= 'a' && byte <= 'z';
}

bool is_digit(std::uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

bool is_printable_ascii(std::uint8_t byte) {
    return byte >= 0x20 && byte <= 0x7E;
}

/// All that can be typed and is none of the others, the blank with it.
bool is_special(std::uint8_t byte) {
    return is_printable_ascii(byte) && !is_upper_case(byte) && !is_lower_case(byte) &&
           !is_digit(byte);
}

struct KindOfCharacter {
    CharacterRule rule;
    bool (*has)(std::uint8_t);
    const char* one;
    const char* several;
};

std::array<KindOfCharacter, 4> kinds_of(const PinRules& rules) {
    return {{{rules.upper_case, is_upper_case, "an upper-case letter", "upper-case letters"},
             {rules.lower_case, is_lower_case, "a lower-case letter", "lower-case letters"},
             {rules.digits, is_digit, "a digit", "digits"},
             {rules.special, is_special, "a special character", "special characters"}}};
}

std::optional<std::string> complaint_about_characters(const PinRules& rules, ByteView value) {
    const auto kinds = kinds_of(rules);
    const bool any_rule = std::any_of(kinds.begin(), kinds.end(), [](const KindOfCharacter& kind) {
        return kind.rule != CharacterRule::allowed;
    });
    if (any_rule && !std::all_of(value.begin(), value.end(), is_printable_ascii))
        return "it may hold digits, letters and signs of ASCII only";
    for (const KindOfCharacter& kind : kinds) {
        const bool has = std::any_of(value.begin(), value.end(), kind.has);
        if (has && kind.rule == CharacterRule::forbidden)
            return std::string("it may not hold ") + kind.several;
        if (!has && kind.rule == CharacterRule::required)
            return std::string("it must hold ") + kind.one;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string> complaint_about_rules(const PinRules& rules, PinKind kind,
                                                 ByteView value) {
    if (value.size() < rules.shortest)
        return "it must have at least " + std::to_string(rules.shortest) + " characters";
    if (kind == PinKind::pin) {
        if (rules.longest != 0 && value.size() > rules.longest)
            return "it may have at most " + std::to_string(rules.longest) + " characters";
        if (auto complaint = complaint_about_characters(rules, value))
            return complaint;
    }
    if (rules.no_trivial && is_trivial(value))
        return "it is one of those that are guessed first";
    return std::nullopt;
}

/// A year, which the TPM's clock and a ticket's lifetime have room for.
constexpr std::chrono::hours longest_session{8760};

bool can_be_kept(const PinRules& rules, Profile profile) {
    const PinLengths carried = pin_lengths(PinKind::pin, profile);
    const std::size_t shortest = rules.shortest == 0 ? carried.shortest : rules.shortest;
    const std::size_t longest = rules.longest == 0 ? carried.longest : rules.longest;
    const std::array kinds{rules.upper_case, rules.lower_case, rules.digits, rules.special};
    const auto with = [&kinds](CharacterRule rule) {
        return static_cast<std::size_t>(std::count(kinds.begin(), kinds.end(), rule));
    };
    return carried.allow(shortest) && carried.allow(longest) && shortest <= longest &&
           with(CharacterRule::forbidden) < kinds.size() &&
           with(CharacterRule::required) <= longest && rules.session <= longest_session &&
           rules.inactivity <= longest_session &&
           (rules.session.count() == 0 || rules.inactivity < rules.session);
}

} // namespace tpmvsc::card
