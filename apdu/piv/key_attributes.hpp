// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/piv/piv_keys.hpp"
#include "base/tlv.hpp"

#include <optional>

/// What GENERATE ASYMMETRIC KEY PAIR and IMPORT ASYMMETRIC KEY say about a key's use: tags AA (PIN
/// policy) and AB (touch policy), as yubico-piv-tool and yubikey-manager write them.
namespace tpmvsc::piv {

inline constexpr std::uint32_t tag_pin_policy = 0xAA;
inline constexpr std::uint32_t tag_touch_policy = 0xAB;

/// read_pin_policy understands the value of tag AA for a key of `reference`; nothing for the values
/// that want a fingerprint, or are not known.
std::optional<card::PinPolicy> read_pin_policy(const Tlv& attribute, const KeyReference& reference);

/// identifier_of is the value by which metadata tell the policy.
std::uint8_t identifier_of(card::PinPolicy policy);

/// The touch policy of every key here: never, there is nothing to touch.
inline constexpr std::uint8_t no_touch = 1;

/// is_touch_policy is true for a value of tag AB that can be met: 0 (as usual) and 1 (never).
bool is_touch_policy(const Tlv& attribute);

} // namespace tpmvsc::piv
