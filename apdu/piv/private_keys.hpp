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

/// public_key_template writes 7F49 as GENERATE answers it (SP 800-73-4 part 2 section 3.3.2).
Bytes public_key_template(const card::PublicKey& key);
/// public_key_objects writes what is inside of 7F49.
Bytes public_key_objects(const card::PublicKey& key);

} // namespace tpmvsc::piv
