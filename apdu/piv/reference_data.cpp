// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/reference_data.hpp"

#include "card/pin_lengths.hpp"

#include <algorithm>

namespace tpmvsc::piv {

namespace {

constexpr std::uint8_t padding = 0xFF;

} // namespace

ByteView without_padding(ByteView padded) {
    while (!padded.empty() && padded.back() == padding) {
        padded = padded.first(padded.size() - 1);
    }
    return padded;
}

std::optional<ByteView> new_reference_data(card::PinKind kind, ByteView padded) {
    const ByteView value = without_padding(padded);
    const std::size_t shortest = card::pin_lengths(kind, card::Profile::piv).shortest;
    const bool has_padding_inside = std::find(value.begin(), value.end(), padding) != value.end();
    if (value.size() < shortest || has_padding_inside) {
        return std::nullopt;
    }
    return value;
}

} // namespace tpmvsc::piv
