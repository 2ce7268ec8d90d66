// SPDX-License-Identifier: Apache-2.0
#include "base/base32.hpp"

#include <stdexcept>

namespace tpmvsc {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t group_bytes = 5; // eight characters
constexpr std::size_t group_characters = 8;
constexpr std::size_t shown_together = 4;

char canonical(char character) {
    const char capital =
        character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A') : character;
    switch (capital) {
    case 'I':
    case 'L':
        return '1';
    case 'O':
        return '0';
    default:
        return capital;
    }
}

bool separates(char character) {
    return character == '-' || character == ' ' || character == '\t' || character == '\n' ||
           character == '\r';
}

} // namespace

std::string to_base32(ByteView bytes) {
    if (bytes.size() % group_bytes != 0)
        throw std::invalid_argument("to_base32: no whole number of groups");
    std::string text;
    for (; !bytes.empty(); bytes = bytes.subspan(group_bytes)) {
        const std::uint64_t group = read_big_endian(bytes.first(group_bytes));
        for (std::size_t i = 0; i < group_characters; ++i) {
            if (i % shown_together == 0 && !text.empty())
                text += '-';
            text += alphabet[group >> (5 * (group_characters - 1 - i)) & 0x1F];
        }
    }
    return text;
}

std::optional<Bytes> from_base32(std::string_view text) {
    Bytes bytes;
    bytes.reserve(text.size());
    std::uint64_t group = 0;
    std::size_t characters = 0;
    for (const char character : text) {
        if (separates(character))
            continue;
        const std::size_t value = alphabet.find(canonical(character));
        if (value == std::string_view::npos)
            return std::nullopt;
        group = group << 5 | value;
        if (++characters % group_characters != 0)
            continue;
        for (std::size_t i = 0; i < group_bytes; ++i)
            bytes.push_back(static_cast<std::uint8_t>(group >> (8 * (group_bytes - 1 - i))));
        group = 0;
    }
    if (characters % group_characters != 0)
        return std::nullopt;
    return bytes;
}

} // namespace tpmvsc
