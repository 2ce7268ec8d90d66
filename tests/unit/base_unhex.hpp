// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace tpmvsc::test {

/// unhex reads a test vector; blanks in it are for the eye. Its own reader: from_hex is under test.
inline Bytes unhex(std::string_view text) {
    Bytes bytes;
    unsigned value = 0;
    unsigned digits = 0;
    for (char c : text) {
        if (c == ' ')
            continue;
        const std::size_t digit = std::string_view("0123456789abcdef").find(c);
        if (digit == std::string_view::npos)
            throw std::logic_error("bad test vector");
        value = value << 4 | static_cast<unsigned>(digit);
        if (++digits % 2 == 0)
            bytes.push_back(static_cast<std::uint8_t>(value));
    }
    if (digits % 2 != 0)
        throw std::logic_error("bad test vector");
    return bytes;
}

} // namespace tpmvsc::test
