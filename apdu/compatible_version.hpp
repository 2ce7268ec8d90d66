// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace tpmvsc::apdu {

/// The firmware version of the YubiKey whose commands the card has. Hosts gate by it: from 5.3 they
/// ask for metadata, from 5.4 they take AES administration keys; 5.7 would promise Ed25519 and
/// X25519, which TPMs lack.
inline constexpr std::array<std::uint8_t, 3> compatible_version{5, 4, 3};

} // namespace tpmvsc::apdu
