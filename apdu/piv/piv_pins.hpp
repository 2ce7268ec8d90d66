// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/piv/piv_commands.hpp"
#include "card/card.hpp"

/// VERIFY, CHANGE REFERENCE DATA and RESET RETRY COUNTER (SP 800-73-4 part 2 section 3.2).
namespace tpmvsc::piv {

/// pin_status is what VERIFY without data asks: 9000 while the PIN is verified, else the tries
/// left.
apdu::StatusWord pin_status(card::Card& card);
apdu::StatusWord verify(card::Card& card, const VerifyPin& command);
/// The old value is compared before the new one's format is looked at; so is the PUK.
apdu::StatusWord change(card::Card& card, const ChangeReference& command);
apdu::StatusWord reset_retry_counter(card::Card& card, const ResetRetryCounter& command);

} // namespace tpmvsc::piv
