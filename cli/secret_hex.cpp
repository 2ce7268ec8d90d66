// SPDX-License-Identifier: Apache-2.0
#include "cli/secret_hex.hpp"

#include <string_view>

namespace tpmvsc::cli {
namespace {

std::optional<std::uint8_t> nibble(std::uint8_t digit) {
    if (digit >= '0' && digit <= '9') {
        return static_cast<std::uint8_t>(digit - '0');
    }
    const auto letter = static_cast<std::uint8_t>(digit | 0x20);
    if (letter >= 'a' && letter <= 'f') {
        return static_cast<std::uint8_t>(letter - 'a' + 10);
    }
    return std::nullopt;
}

} // namespace

std::optional<SecretBytes> decode_hex(ByteView text) {
    SecretBytes decoded(text.size() / 2);
    std::size_t digits = 0;
    for (const std::uint8_t character : text) {
        if (digits % 2 == 0 && (character == ':' || character == ' ')) {
            continue;
        }
        const auto value = nibble(character);
        if (!value || digits / 2 >= decoded.size()) { // no digit, or an odd one at the end
            return std::nullopt;
        }
        std::uint8_t& byte = decoded.span()[digits / 2];
        byte = static_cast<std::uint8_t>(byte << 4 | *value);
        ++digits;
    }
    if (digits % 2 != 0) {
        return std::nullopt;
    }
    decoded.truncate(digits / 2);
    return decoded;
}

SecretBytes encode_hex(ByteView secret) {
    static constexpr std::string_view digits = "0123456789abcdef";
    SecretBytes text(2 * secret.size());
    for (std::size_t i = 0; i < secret.size(); ++i) {
        text.span()[2 * i] = static_cast<std::uint8_t>(digits[secret[i] >> 4]);
        text.span()[2 * i + 1] = static_cast<std::uint8_t>(digits[secret[i] & 0x0F]);
    }
    return text;
}

} // namespace tpmvsc::cli
