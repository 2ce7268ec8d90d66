// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "card/identity.hpp"
#include "card/pins.hpp"

#include <string_view>

namespace tpmvsc::card {

/// well_known_value is what "default" means for a PIN or PUK: PIV's 123456 and 12345678 as every
/// PIV tool has them; GIDS' 12345678 for both, as tpmvscmgr has it.
constexpr std::string_view well_known_value(PinKind kind, Profile profile) {
    return kind == PinKind::pin && profile == Profile::piv ? "123456" : "12345678";
}

inline bool is_well_known(PinKind kind, Profile profile, ByteView value) {
    return equal_secret(value, as_bytes(well_known_value(kind, profile)));
}

} // namespace tpmvsc::card
