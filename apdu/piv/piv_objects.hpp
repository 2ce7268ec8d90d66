// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/piv/piv_commands.hpp"
#include "card/card.hpp"

/// The data objects of PIV (SP 800-73-4 part 1 section 4 and appendix A).
///
/// What is stored is the value of the outer object alone: for nearly all that is what the host put
/// between 53 and its length, opaque to the card. Reading wraps it in the outer object again.
namespace tpmvsc::piv {

inline constexpr std::uint32_t tag_chuid = 0x5FC102;
inline constexpr std::uint32_t tag_capability_container = 0x5FC107;
inline constexpr std::uint32_t tag_key_history = 0x5FC10C;
inline constexpr std::uint32_t tag_discovery = 0x7E;
inline constexpr std::uint32_t tag_biometric_group = 0x7F61;

/// The largest value of any object: that of the facial image, the largest container of the
/// standard. Its smaller capacities are minima, and certificates do not keep to them.
inline constexpr std::size_t max_object_bytes = 12710;

/// read_access tells who may read `tag`.
card::ReadAccess read_access(std::uint32_t tag);

/// read_object answers GET DATA: the object in its outer tag; 6982 for one that needs the PIN,
/// whether or not it is there; 6A82 when it is not there.
apdu::Response read_object(card::Card& card, const GetData& command);

/// write_object answers PUT DATA of an administrator: 6A84 when it is too large, 6A81 when the tag
/// is not a host's to write.
apdu::StatusWord write_object(card::Card& card, const PutData& command);

} // namespace tpmvsc::piv
