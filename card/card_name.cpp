// SPDX-License-Identifier: Apache-2.0
#include "card/card_name.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace tpmvsc::card {

namespace {

/// Takes one character off the front of `text`; nothing when it is not well-formed UTF-8 (Unicode
/// standard, table 3-7: no overlong form, no surrogate, nothing above U+10FFFF).
std::optional<char32_t> next_character(std::string_view& text) {
    const auto lead = static_cast<std::uint8_t>(text.front());
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || text.size() < size)
        return std::nullopt;
    constexpr std::array<std::uint8_t, 5> lead_mask{0, 0x7f, 0x1f, 0x0f, 0x07};
    char32_t character = lead & lead_mask[size];
    for (std::size_t i = 1; i < size; ++i) {
        const auto byte = static_cast<std::uint8_t>(text[i]);
        if ((byte & 0xc0) != 0x80)
            return std::nullopt;
        character = character << 6 | (byte & 0x3f);
    }
    constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = character >= 0xd800 && character <= 0xdfff;
    if (character < smallest[size] || surrogate || character > 0x10ffff)
        return std::nullopt;
    text.remove_prefix(size);
    return character;
}

struct Range {
    char32_t first;
    char32_t last;
};

constexpr std::array<Range, 8> not_printable{{
    {0x0000, 0x001f}, // control characters
    {0x007f, 0x009f}, // delete and the second set of control characters
    {0x061c, 0x061c}, // Arabic letter mark
    {0x200e, 0x200f}, // left-to-right and right-to-left marks
    {0x2028, 0x202e}, // line and paragraph separators, embeddings and overrides of direction
    {0x2066, 0x2069}, // isolates of direction
    {0xfdd0, 0xfdef}, // noncharacters
    {0xfeff, 0xfeff}, // byte order mark
}};

bool is_printable(char32_t character) {
    for (const Range& range : not_printable)
        if (character >= range.first && character <= range.last)
            return false;
    return (character & 0xfffe) != 0xfffe; // the last two of each plane are noncharacters
}

} // namespace

bool is_card_name(std::string_view name) {
    if (name.empty() || name.size() > longest_card_name)
        return false;
    if (name.front() == ' ' || name.back() == ' ')
        return false;
    while (!name.empty()) {
        const std::optional<char32_t> character = next_character(name);
        if (!character || !is_printable(*character))
            return false;
    }
    return true;
}

} // namespace tpmvsc::card
