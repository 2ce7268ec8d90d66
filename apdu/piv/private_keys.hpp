// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/piv/piv_commands.hpp"
#include "card/card.hpp"

/// The asymmetric keys at work: GENERATE ASYMMETRIC KEY PAIR and GENERAL AUTHENTICATE.
namespace tpmvsc::piv {

/// generate answers for an administrator: the public key in 7F49; 6A80 when the TPM lacks the
/// algorithm or the slot may not hold it.
apdu::Response generate(card::Card& card, const GenerateKey& command, const Options& options);

/// perform answers a signature, an RSA private operation or a key agreement. `pin_just_verified`:
/// the command before was a successful VERIFY, which keys of PinPolicy::always ask for.
apdu::Response perform(card::Card& card, const PrivateOperation& command, bool pin_just_verified);
apdu::Response perform(card::Card& card, const KeyAgreement& command, bool pin_just_verified);

} // namespace tpmvsc::piv
