// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/card_edge.hpp"

#include <algorithm>
#include <cstdlib>

namespace tpmvsc::test {

/// The longest answer that `command` may get, status word apart.
inline std::size_t most_expected(ByteView command) {
    const auto decoded = apdu::decode(command);
    const auto* understood = std::get_if<apdu::Command>(&decoded);
    return understood == nullptr ? 0 : understood->expected;
}

/// send_rows sends a row of APDUs, each behind two bytes of length; FFFF stands for a reset. Every
/// one must get an answer that ends in a status word and is no longer than was asked for. `seen` is
/// told of each command and its answer.
template<typename Seen>
void send_rows(apdu::CardEdge& edge, ByteView rest, Seen&& seen) {
    constexpr std::size_t reset = 0xFFFF;
    while (rest.size() >= 2) {
        const std::size_t length = read_big_endian(rest.first(2));
        rest = rest.subspan(2);
        if (length == reset) {
            edge.reset();
            continue;
        }
        const ByteView command = rest.first(std::min(length, rest.size()));
        rest = rest.subspan(command.size());
        const Bytes answer = edge.transmit(command);
        if (answer.size() < 2 || answer.size() - 2 > most_expected(command)) {
            std::abort();
        }
        const std::uint8_t sw1 = answer[answer.size() - 2];
        if (sw1 != 0x90 && (sw1 & 0xF0) != 0x60) {
            std::abort();
        }
        seen(command, answer);
    }
}

} // namespace tpmvsc::test
