// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <string>

namespace tpmvsc::card {

/// The card edge that a card speaks, for life.
enum class Profile { piv, gids };

/// Identity is what can be known of a card without its TPM: it is stored in the clear, and every
/// sealed file of the card is bound to it, so that a changed identity is noticed as soon as the
/// card is used.
struct Identity {
    Bytes id;         ///< 16 random bytes (RFC 4122 version 4); the folder's name in hex
    std::string name; ///< what the person called it, UTF-8
    Profile profile = Profile::piv;
    unsigned slot = 0;        ///< the reader slot it appears in, for life
    std::uint32_t serial = 0; ///< unique decimal serial number, as tools print it
    std::string created;      ///< ISO 8601 in UTC
};

} // namespace tpmvsc::card
