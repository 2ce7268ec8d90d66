// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/piv/piv_commands.hpp"
#include "card/card.hpp"

/// Attestation as YubiKeys have it: instruction F9, and the certificate of slot F9 in object
/// 5FFF01.
namespace tpmvsc::piv {

inline constexpr std::uint32_t tag_attestation_certificate = 0x5FFF01;

/// attest answers a certificate (DER, without any wrapping) for a key that was made on this card;
/// 6A80 for an empty slot and for an imported key.
apdu::Response attest(card::Card& card, const AttestKey& command);

/// attestation_certificate_object is the value of object 5FFF01 as long as no administrator has put
/// one there: the card's own certificate, in the form of table 10 of SP 800-73-4 part 1.
Bytes attestation_certificate_object(card::Card& card);

/// attestation_key describes the key of slot F9 by its own certificate; nothing when that cannot be
/// read.
std::optional<card::KeyInfo> attestation_key(card::Card& card);

} // namespace tpmvsc::piv
