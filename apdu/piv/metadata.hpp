// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/piv/piv_commands.hpp"
#include "card/card.hpp"

/// GET METADATA (instruction F7 of YubiKeys from 5.3 on): what is known of a key, PIN or PUK.
namespace tpmvsc::piv {

/// metadata answers a row of data objects: 01 algorithm, 02 PIN and touch policy, 03 origin, 04
/// public key, 05 whether it is the well-known value, 06 tries and tries left. 6A88 for an empty
/// slot and for what there is none of.
///
/// The administration key counts as well-known when it is what a reset sets: triple DES. The same
/// bytes as an AES key do not, so it is with YubiKeys.
apdu::Response metadata(card::Card& card, const GetMetadata& command);

} // namespace tpmvsc::piv
