// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/identity.hpp"
#include "card/pins.hpp"

#include <cstddef>

namespace tpmvsc::card {

/// Bounds of a value's length in bytes.
struct PinLengths {
    std::size_t shortest;
    std::size_t longest;

    constexpr bool allow(std::size_t bytes) const { return bytes >= shortest && bytes <= longest; }
};

/// pin_lengths gives what a profile's commands can carry of PIN or PUK. PIV pads both to eight
/// bytes with FF, which bounds them (SP 800-73-4 part 2 section 2.4.3). GIDS takes 4 to 127 bytes.
constexpr PinLengths pin_lengths(PinKind kind, Profile profile) {
    if (profile == Profile::gids)
        return {4, 127};
    return kind == PinKind::pin ? PinLengths{6, 8} : PinLengths{8, 8};
}

} // namespace tpmvsc::card
