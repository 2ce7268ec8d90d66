// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/reset_challenge.hpp"
#include "base/secret.hpp"
#include "card/pins.hpp"
#include "cli/chosen_card.hpp"
#include "cli/client/pin_answer.hpp"

#include <string_view>

/// A new PIN without the old one, through PC/SC. Each function holds the card for its one step:
/// people take minutes between two. Errors: cli::Failure, cli::pcsc::Error.
namespace tpmvsc::library {

cli::client::PinAnswer reset_pin_by_puk(const cli::ChosenCard& card, ByteView puk,
                                        ByteView new_pin);

ResetChallenge new_challenge(const cli::ChosenCard& card, card::ResetParty party);
/// The one that was given last.
ResetChallenge last_challenge(const cli::ChosenCard& card);

/// reset_pin_by_answer sets the PIN by the answer to `challenge`, as people type it. Throws
/// Failure(usage) for a text that is no answer to it.
void reset_pin_by_answer(const cli::ChosenCard& card, const ResetChallenge& challenge,
                         ByteView answer, ByteView new_pin);

} // namespace tpmvsc::library
