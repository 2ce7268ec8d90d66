// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.hpp"

#include <algorithm>
#include <stdexcept>

namespace tpmvsc {

namespace {

int hex_value(char digit) {
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

} // namespace

Bytes to_bytes(ByteView view) {
    return Bytes(view.begin(), view.end());
}

Bytes to_bytes(std::string_view text) {
    return to_bytes(as_bytes(text));
}

ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Bytes concat(std::initializer_list<ByteView> parts) {
    std::size_t size = 0;
    for (ByteView part : parts)
        size += part.size();
    Bytes joined;
    joined.reserve(size);
    for (ByteView part : parts)
        append(joined, part);
    return joined;
}

void append(Bytes& target, ByteView more) {
    target.insert(target.end(), more.begin(), more.end());
}

Bytes big_endian16(std::uint16_t value) {
    return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

Bytes big_endian32(std::uint32_t value) {
    return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
            static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

std::uint64_t read_big_endian(ByteView bytes) {
    if (bytes.size() > sizeof(std::uint64_t))
        throw std::invalid_argument("read_big_endian: more than eight bytes");
    std::uint64_t value = 0;
    for (std::uint8_t byte : bytes)
        value = value << 8 | byte;
    return value;
}

bool equal(ByteView a, ByteView b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool equal_secret(ByteView a, ByteView b) {
    if (a.size() != b.size())
        return false;
    // Volatile, so that the compiler may not stop the loop at the first difference.
    volatile std::uint8_t difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
    return difference == 0;
}

Bytes left_pad(ByteView number, std::size_t size) {
    const std::size_t surplus = number.size() > size ? number.size() - size : 0;
    const ByteView dropped = number.first(surplus);
    if (std::any_of(dropped.begin(), dropped.end(), [](std::uint8_t byte) { return byte != 0; }))
        throw std::invalid_argument("left_pad: the number does not fit");
    const ByteView kept = number.subspan(surplus);
    Bytes padded(size - kept.size(), 0);
    append(padded, kept);
    return padded;
}

std::string to_hex(ByteView bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (std::uint8_t byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 0x0f];
    }
    return text;
}

std::optional<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0)
        return std::nullopt;
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return bytes;
}

} // namespace tpmvsc
