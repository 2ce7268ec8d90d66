// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// Access conditions of the Generic Identity Device Specification 2.0 (GIDS): one byte per command
/// (ISO 7816-4 table 19).
namespace tpmvsc::gids {

/// SecurityStatus is what the host has proven since the last reset.
struct SecurityStatus {
    bool user = false;          ///< the PIN
    bool administrator = false; ///< the admin key
};

/// Condition is a security condition byte.
using Condition = std::uint8_t;

inline constexpr Condition always = 0x00;
inline constexpr Condition never = 0xFF;
inline constexpr Condition user = 0x10;
inline constexpr Condition administrator = 0x20;
inline constexpr Condition user_or_administrator = 0x30;

/// allows is true when `status` satisfies `condition`. Conditions that want secure messaging are
/// never satisfied: this card has none.
bool allows(Condition condition, const SecurityStatus& status);

} // namespace tpmvsc::gids
