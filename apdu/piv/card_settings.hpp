// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/piv/piv_commands.hpp"
#include "card/card.hpp"

/// What YubiKeys let one set of the card as a whole: instructions FF, FA and FB.
namespace tpmvsc::piv {

/// set_admin_key answers 6A80 for a triple DES key with a weak part.
apdu::StatusWord set_admin_key(card::Card& card, const card::AdminSession& admin,
                               const SetAdminKey& command);

/// set_tries gives PIN and PUK new limits and their well-known values; 6982 without a login, 6D00
/// on a card that was not created with that right.
apdu::StatusWord set_tries(card::Card& card, const card::AdminSession& admin,
                           const SetTries& command);

/// may_be_reset is true once PIN and PUK are both blocked.
bool may_be_reset(card::Card& card);

/// reset_card makes the card as new, which anyone may do once PIN and PUK are both blocked; 6985
/// before that. Where the TPM's owner has a password it throws, and nothing is changed.
apdu::StatusWord reset_card(card::Card& card);

} // namespace tpmvsc::piv
