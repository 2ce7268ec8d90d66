// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/status_word.hpp"
#include "base/bytes.hpp"

#include <variant>

namespace tpmvsc::apdu {

/// Command is a well-formed command APDU (ISO 7816-3 section 12.1, cases 1 to 4, short or
/// extended), after command chaining has joined its blocks.
struct Command {
    std::uint8_t cla = 0;
    std::uint8_t ins = 0;
    std::uint8_t p1 = 0;
    std::uint8_t p2 = 0;
    Bytes data;
    /// The largest response the host takes: Le with 00 read as the maximum. An absent Le counts as
    /// the maximum of the form as well: ykman 5 sends case 3 and expects data.
    std::size_t expected = 256;
    bool le_present = false;
    bool extended = false;

    std::uint16_t p1_p2() const { return static_cast<std::uint16_t>(p1 << 8 | p2); }
};

/// decode reads one command APDU; a StatusWord (6700) when the bytes are none.
std::variant<Command, StatusWord> decode(ByteView apdu);

/// Response is what an applet answers; the card edge cuts `data` into pieces where it has to.
struct Response {
    Bytes data;
    StatusWord status = sw::success;

    Response() = default;
    Response(StatusWord word) : status(word) {} // NOLINT: a guard returns just its status word
    explicit Response(Bytes bytes, StatusWord word = sw::success)
        : data(std::move(bytes)), status(word) {}
};

/// encode appends SW1 SW2 to the data.
Bytes encode(const Response& response);

} // namespace tpmvsc::apdu
