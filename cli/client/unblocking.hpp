// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/reset_challenge.hpp"
#include "card/identity.hpp"
#include "card/pins.hpp"
#include "cli/client/pin_answer.hpp"
#include "cli/pcsc.hpp"

/// A new PIN for a card, by those who may set one without the old one. On every profile.
namespace tpmvsc::cli::client {

/// ask_for_challenge gets a new one, which replaces the one before. Throws Failure(unsupported)
/// when the card lets that party set no PIN.
ResetChallenge ask_for_challenge(const pcsc::Session& session, card::ResetParty party);
/// last_challenge gets the one that waits for its answer. Throws Failure when there is none.
ResetChallenge last_challenge(const pcsc::Session& session);
/// set_pin_by_answer shows the answer to it. Throws Failure when the card does not set the PIN.
void set_pin_by_answer(const pcsc::Session& session, ByteView answer, ByteView new_pin);

/// set_pin_by_puk shows the PUK. What a person may get wrong is a value.
PinAnswer set_pin_by_puk(pcsc::Session& session, card::Profile profile, ByteView puk,
                         ByteView new_pin);

} // namespace tpmvsc::cli::client
