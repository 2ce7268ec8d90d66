// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/status_word.hpp"
#include "card/keys.hpp"
#include "card/pins.hpp"

#include <exception>

/// The one place where what the card says becomes a status word.
namespace tpmvsc::apdu {

/// status_of a PIN or PUK comparison: 9000; 63Cx with the tries left (63C0 for the try that was the
/// last, SP 800-73-4 part 2 section 3.2.1); 6983 when it was not compared: tries used up, TPM
/// locked out, or a card without such a secret (no value will ever be right, and hosts try until
/// 6983); 6A80 for a new value that the card's PIN rules forbid.
StatusWord status_of(const card::PinOutcome& outcome);

/// status_of a private-key operation: 9000; 6982 when the PIN is needed; 6983 in a lockout; 6A80
/// for the rest: yubikey-manager 4.0.9 takes an empty slot for empty on 6A80 but not on 6A86.
StatusWord status_of(const card::KeyOutcome& outcome);

/// status_of a fault that ended the command: 6983 for the TPM's dictionary-attack lockout, 6A84 for
/// lack of space in the TPM or on disk, 6985 where the TPM's owner has a password that a card
/// command cannot give, 6581 for a card folder that cannot be read or written, 6F00 for all else.
StatusWord status_of(const std::exception& fault);

} // namespace tpmvsc::apdu
