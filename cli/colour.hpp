// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tpmvsc::cli {

/// Colour says what a text means; the terminal's own palette decides how that looks.
enum class Colour {
    heading, ///< bold
    good,    ///< green
    caution, ///< yellow
    bad,     ///< red
};

/// shows_colours tells whether what is written to `descriptor` is for a person at a terminal that
/// knows colours (TERM is set, and not "dumb") and who has not asked for none by NO_COLOR, set to
/// anything (no-color.org).
bool shows_colours(int descriptor);

/// in_colour puts the terminal's commands (ECMA-48, section 8.3.117) around `text` where
/// `descriptor` shows colours. They take no width in a table.
std::string in_colour(Colour colour, std::string_view text, int descriptor);

/// without_colours takes them out again.
std::string without_colours(std::string_view text);

} // namespace tpmvsc::cli
