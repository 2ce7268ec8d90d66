// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tpmvsc::cli {

/// draw_qr_code draws `text` (digits, capitals, blanks and -$%*+./: only, which take the least
/// room) as a QR code of half-block characters in UTF-8, two rows of modules in a line, dark on
/// light with the light margin that ISO/IEC 18004 wants, whatever the terminal's own colours.
/// Nothing where it is too long or holds other characters.
std::optional<std::string> draw_qr_code(std::string_view text);

/// qr_code_for does so where it can be shown: `fd` is a terminal that speaks UTF-8 and is wide
/// enough.
std::optional<std::string> qr_code_for(int fd, std::string_view text);

} // namespace tpmvsc::cli
