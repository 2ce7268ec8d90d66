// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/gids/gids_commands.hpp"
#include "card/card.hpp"

/// PIN and PUK of a GIDS card.
namespace tpmvsc::gids {

/// tries answers GET DATA of 7F71, 7F72 and 7F73; 6A88 for a PUK that the card does not have: hosts
/// know by that whether there is one.
apdu::Response tries(card::Card& card, const GetTries& command);

/// verify_status answers VERIFY without data: 9000 when the PIN was given, or need not be yet.
apdu::StatusWord verify_status(card::Card& card);

/// change splits old from new value by the length that the card knows of the old one, so that no
/// guess costs a try. A new value of a wrong length is 6A80 to who knows the old one.
apdu::StatusWord change(card::Card& card, const ChangeReference& command);

/// set_reference sets the first value on a blank card; 6985 on another one.
apdu::StatusWord set_reference(card::Card& card, const SetReference& command);

/// reset_by_puk answers 6A88 on a card without PUK; reset_by_administrator 6982 on one with it.
apdu::StatusWord reset_by_puk(card::Card& card, const ResetByPuk& command);
apdu::StatusWord reset_by_administrator(card::Card& card, const card::AdminSession& admin,
                                        const ResetByAdministrator& command);

} // namespace tpmvsc::gids
