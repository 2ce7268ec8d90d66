// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/status_word.hpp"
#include "base/bytes.hpp"
#include "card/pin_rules.hpp"

#include <optional>

namespace tpmvsc::card {
class AdminSession;
class Card;
} // namespace tpmvsc::card

/// PUT DATA of the card's PIN rules, for which no standard has a command: INS DA, P1-P2 0102
/// (proprietary by ISO 7816-4 table 62), in the PIV and in the GIDS application, for who has shown
/// the admin key. "tpmvsc pin set-policy" sends it.
///
///     8D  lengths and kinds, a byte each: shortest, longest (0: the profile's); upper case, lower
///         case, digits, special characters (0 allowed, 1 required, 2 forbidden); 01 where trivial
///         ones are refused; PINs remembered
///     8E  a login's life, and the inactivity that ends it, seconds, four bytes each; 0: none
namespace tpmvsc::apdu {

inline constexpr std::uint8_t ins_put_simple_data = 0xDA;
inline constexpr std::uint16_t pin_rules_data = 0x0102;

/// SetPinRules is that command, once it is understood.
struct SetPinRules {
    card::PinRules rules;
};

/// encode_pin_rules writes the two objects, and decode_pin_rules reads them; nothing when they are
/// malformed.
Bytes encode_pin_rules(const card::PinRules& rules);
std::optional<SetPinRules> decode_pin_rules(ByteView data);

/// The first of the objects alone, as the card's status has it too (8 bytes).
inline constexpr std::size_t pin_rule_bytes = 8;
Bytes pin_rules_value(const card::PinRules& rules);
/// read_pin_rules fills in what pin_rules_value wrote; false for a kind of rule that there is not.
bool read_pin_rules(ByteView value, card::PinRules& rules);

/// set_pin_rules has the card keep them from now on, for new PINs; 6A80 when it cannot, 6982 where
/// `admin` is null.
StatusWord set_pin_rules(card::Card& card, const card::AdminSession* admin,
                         const SetPinRules& command);

} // namespace tpmvsc::apdu
