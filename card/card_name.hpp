// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace tpmvsc::card {

inline constexpr std::size_t longest_card_name = 100;

/// is_card_name tells whether a card may be called so: 1 to 100 bytes of well-formed UTF-8 that
/// print as one line (no control characters, no line separators, nothing that turns the writing
/// direction), without a blank at either end. Ask it before a card is made.
bool is_card_name(std::string_view name);

} // namespace tpmvsc::card
