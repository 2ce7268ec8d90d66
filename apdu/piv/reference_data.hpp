// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "card/pins.hpp"

#include <optional>

/// PIN and PUK as they come over the interface (SP 800-73-4 part 2 section 2.4.3).
namespace tpmvsc::piv {

/// A PIN or PUK fills eight bytes, the rest of which are FF.
inline constexpr std::size_t reference_data_bytes = 8;

/// without_padding views `padded` without the FF bytes at its end. Eight FF give an empty secret:
/// never a right one, yet one that can be compared.
ByteView without_padding(ByteView padded);

/// new_reference_data views the new PIN or PUK in `padded`; nothing when it breaks the format: a
/// PIN has six to eight bytes, a PUK eight, none of them FF. Any other byte will do, as with
/// YubiKeys, where the standard has digits: hosts of one kind must not lock out those of another.
std::optional<ByteView> new_reference_data(card::PinKind kind, ByteView padded);

} // namespace tpmvsc::piv
