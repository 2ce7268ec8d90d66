// SPDX-License-Identifier: Apache-2.0
#include "cli/card_values.hpp"

#include "base/crypto.hpp"
#include "card/card_name.hpp"
#include "card/pin_complaint.hpp"
#include "card/pin_lengths.hpp"
#include "card/well_known.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tpmvsc::cli {
namespace {

constexpr std::array<std::pair<std::string_view, card::AdminAlgorithm>, 4> algorithms{{
    {"tdes", card::AdminAlgorithm::tdes},
    {"aes128", card::AdminAlgorithm::aes128},
    {"aes192", card::AdminAlgorithm::aes192},
    {"aes256", card::AdminAlgorithm::aes256},
}};

bool is_digit(std::uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

bool is_printable_ascii(std::uint8_t byte) {
    return byte >= 0x20 && byte <= 0x7E;
}

/// True when each byte differs from the one before by the same -1, 0 or 1: 111111, 234567, 987654.
bool is_sequence(ByteView value) {
    for (const int step : {-1, 0, 1}) {
        bool holds = true;
        for (std::size_t i = 1; i < value.size(); ++i) {
            holds = holds && value[i] - value[i - 1] == step;
        }
        if (holds) {
            return true;
        }
    }
    return false;
}

std::optional<std::string> complaint_about_characters(ByteView value) {
    if (std::all_of(value.begin(), value.end(), is_printable_ascii)) {
        return std::nullopt;
    }
    return "it may hold digits, letters and signs of ASCII only: others differ from keyboard to "
           "keyboard";
}

bool is_well_known_anywhere(ByteView value) {
    bool found = false;
    for (const auto profile : {card::Profile::piv, card::Profile::gids}) {
        for (const auto kind : {card::PinKind::pin, card::PinKind::puk}) {
            found = card::is_well_known(kind, profile, value) || found;
        }
    }
    return found;
}

} // namespace

std::optional<std::string> complaint_about_name(const std::string& name) {
    if (name.empty()) {
        return "a card needs a name";
    }
    if (!card::is_card_name(name)) {
        return "a card's name must be one line of UTF-8 text, " +
               std::to_string(card::longest_card_name) +
               " bytes at most, without control characters and without a blank at its ends";
    }
    return std::nullopt;
}

std::optional<std::string> complaint_about_pin(card::PinKind kind, card::Profile profile,
                                               const card::PinRules& rules, ByteView value) {
    const auto [shortest, longest] = card::pin_lengths(kind, profile);
    if (value.size() < shortest || value.size() > longest) {
        return "it must have " + (shortest == longest ? "" : std::to_string(shortest) + " to ") +
               std::to_string(longest) + " characters";
    }
    if (auto complaint = complaint_about_characters(value)) {
        return complaint;
    }
    return card::complaint_about_rules(rules, kind, value);
}

std::optional<std::string> complaint_about_admin_key(card::AdminAlgorithm algorithm, ByteView key) {
    const std::size_t size = card::key_bytes(algorithm);
    if (key.size() != size) {
        return "a key for " + admin_algorithm_name(algorithm) + " has " + std::to_string(2 * size) +
               " hexadecimal digits";
    }
    if (algorithm == card::AdminAlgorithm::tdes && crypto::has_weak_des_key(key)) {
        return "it holds a weak DES key";
    }
    return std::nullopt;
}

std::vector<std::string> weaknesses(const std::string& what, card::Profile profile,
                                    ByteView value) {
    // OpenSC's GIDS driver sends no longer one.
    constexpr std::size_t longest_for_opensc = 15;
    std::vector<std::string> found;
    if (is_well_known_anywhere(value)) {
        found.emplace_back("the " + what +
                           " is a well-known default value: change it before the card "
                           "is used");
    } else if (is_sequence(value)) {
        found.emplace_back("the " + what +
                           " is easy to guess: repeated or consecutive characters are "
                           "what a thief tries first");
    }
    if (!std::all_of(value.begin(), value.end(), is_digit)) {
        found.emplace_back("the " + what + " is not all digits: some programs refuse such a " +
                           what);
    }
    if (profile == card::Profile::gids && value.size() > longest_for_opensc) {
        found.emplace_back("the " + what + " has more than " + std::to_string(longest_for_opensc) +
                           " characters: programs that use OpenSC cannot send it");
    }
    return found;
}

namespace {

/// Characters that are as likely as each other.
SecretBytes random_characters(std::string_view alphabet, std::size_t count) {
    const std::size_t fair = 256 / alphabet.size() * alphabet.size();
    SecretBytes text(count);
    for (std::uint8_t& character : text.span()) {
        std::array<std::uint8_t, 1> byte{};
        do {
            crypto::random_fill(byte);
        } while (byte[0] >= fair);
        character = static_cast<std::uint8_t>(alphabet[byte[0] % alphabet.size()]);
        wipe(byte);
    }
    return text;
}

/// Digits where the rules are content with them alone, else all kinds that they allow; without the
/// characters that are mistaken for others on paper.
std::string alphabet_of(card::PinKind kind, const card::PinRules& rules) {
    using card::CharacterRule;
    const std::string digits = "0123456789";
    const bool others = rules.upper_case == CharacterRule::required ||
                        rules.lower_case == CharacterRule::required ||
                        rules.special == CharacterRule::required;
    if (kind == card::PinKind::puk || (!others && rules.digits != CharacterRule::forbidden)) {
        return digits;
    }
    std::string alphabet;
    for (const auto& [rule, characters] :
         {std::pair{rules.upper_case, "ABCDEFGHJKLMNPQRSTUVWXYZ"},
          std::pair{rules.lower_case, "abcdefghijkmnpqrstuvwxyz"},
          std::pair{rules.digits, "23456789"}, std::pair{rules.special, "!#$%&*+-/=?@"}}) {
        if (rule != CharacterRule::forbidden) {
            alphabet += characters;
        }
    }
    return alphabet;
}

} // namespace

std::string well_known_admin_key(const std::string& key_name, bool resets_pin) {
    return key_name + " is the well-known default value: every program on this computer can " +
           (resets_pin ? "reset the PIN of this card and use its keys"
                       : "replace keys and certificates of this card, and lift its rules for PINs");
}

SecretBytes random_digits(std::size_t count) {
    return random_characters("0123456789", count);
}

SecretBytes random_pin(card::PinKind kind, card::Profile profile, const card::PinRules& rules) {
    constexpr std::size_t usual = 8;
    const card::PinLengths carried = card::pin_lengths(kind, profile);
    std::size_t count =
        std::clamp(std::max<std::size_t>(usual, rules.shortest), carried.shortest, carried.longest);
    if (kind == card::PinKind::pin && rules.longest != 0) {
        count = std::min<std::size_t>(count, rules.longest);
    }
    const std::string alphabet = alphabet_of(kind, rules);
    SecretBytes value;
    do {
        value = random_characters(alphabet, count);
    } while (complaint_about_pin(kind, profile, rules, value.view()));
    return value;
}

SecretBytes random_admin_key(card::AdminAlgorithm algorithm) {
    SecretBytes key(card::key_bytes(algorithm));
    do {
        crypto::random_fill(key.span());
    } while (complaint_about_admin_key(algorithm, key.view()));
    return key;
}

std::string admin_algorithm_name(card::AdminAlgorithm algorithm) {
    for (const auto& [name, value] : algorithms) {
        if (value == algorithm) {
            return std::string(name);
        }
    }
    return "unknown";
}

std::optional<card::AdminAlgorithm> parse_admin_algorithm(const std::string& name) {
    for (const auto& [known, value] : algorithms) {
        if (known == name) {
            return value;
        }
    }
    return std::nullopt;
}

} // namespace tpmvsc::cli
