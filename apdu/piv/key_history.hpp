// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "card/card.hpp"

/// Key History object (SP 800-73-4 part 1 section 3.3.3): how many retired keys there are, on which
/// OpenSC relies to look for them at all.
namespace tpmvsc::piv {

/// key_history gives the object's value as it is true now: the count of retired keys with their
/// certificates on the card from the slots themselves, the rest (certificates off the card, where
/// to find them) as a host has put it. It is there from creation on, at first with counts of zero.
///
/// The standard fills retired slots from 82 upwards without gaps, and hosts read as many
/// certificates from there on as the count says. Where hosts have left gaps the count therefore
/// reaches to the last slot that holds something.
Bytes key_history(card::Card& card);

/// is_key_history checks what a host wants to put. Empty contents, which remove the object, pass.
bool is_key_history(ByteView contents);

} // namespace tpmvsc::piv
