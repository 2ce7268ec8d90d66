// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <initializer_list>
#include <optional>
#include <utility>

/// The dynamic authentication template (ISO 7816-4 section 11.5.5), in which GENERAL AUTHENTICATE
/// carries its data.
namespace tpmvsc::cli::client {

namespace authentication {
inline constexpr std::uint32_t witness = 0x80;
inline constexpr std::uint32_t challenge = 0x81;
inline constexpr std::uint32_t response = 0x82;
inline constexpr std::uint32_t exponentiation = 0x85;
} // namespace authentication

/// authentication_template puts objects into it; an empty one asks the card for its contents.
Bytes authentication_template(std::initializer_list<std::pair<std::uint32_t, ByteView>> objects);

/// in_authentication_template gives an object of a card's answer; nothing when there is none.
std::optional<Bytes> in_authentication_template(ByteView answer, std::uint32_t tag);

} // namespace tpmvsc::cli::client
