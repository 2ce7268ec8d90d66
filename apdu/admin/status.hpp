// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "card/admin_key.hpp"
#include "card/identity.hpp"
#include "card/keys.hpp"
#include "card/pin_rules.hpp"
#include "card/pins.hpp"

#include <optional>
#include <string>
#include <vector>

/// What the admin applet says of a card, for the applet to write and for tools to read.
namespace tpmvsc::admin {

/// The applet's identifier: F0 (not registered) "TPMVSC" 01.
ByteView application_identifier();

/// GET DATA of the status: INS CA P1-P2 0100, no data. CLA 00 where the applet is selected, CLA 80
/// with an extended Le where it is not.
inline constexpr std::uint8_t cla_unselected = 0x80;
inline constexpr std::uint8_t ins_get_data = 0xCA;
inline constexpr std::uint16_t status_data = 0x0100;

struct KeyStatus {
    card::KeySlot slot = 0;
    card::KeyAlgorithm algorithm = card::KeyAlgorithm::p256;
    card::PinPolicy pin_policy = card::PinPolicy::once;
    card::KeyOrigin origin = card::KeyOrigin::generated;

    friend bool operator==(const KeyStatus&, const KeyStatus&) = default;
};

/// CardStatus is all that the applet tells. Nothing of it is secret.
struct CardStatus {
    card::Identity identity;
    card::PinTries pin;
    card::PinTries puk; ///< limit 0: the card has none
    bool default_pin = false;
    bool default_puk = false;
    bool default_admin_key = false;
    card::AdminAlgorithm admin_algorithm = card::AdminAlgorithm::tdes;
    card::AntiHammering anti_hammering = card::AntiHammering::counter;
    card::ResetParties reset;
    card::PinRules pin_rules;
    /// SHA-256 of the authority's public key (SubjectPublicKeyInfo), or empty.
    Bytes authority_fingerprint;
    std::vector<KeyStatus> keys;
    std::string version; ///< of the software that drives the card
};

/// encode writes the status template, BER-TLV:
///
///     E1  status
///         80  card id, 16 bytes
///         81  name, UTF-8
///         82  profile: 01 PIV, 02 GIDS
///         83  reader slot, one byte
///         84  serial number, four bytes
///         85  time of creation, ISO 8601 in UTC
///         86  PIN: tries left, limit (a byte each, FF for more)
///         87  PUK: likewise
///         88  well-known values still in place: bit 1 PIN, bit 2 PUK, bit 3 admin key
///         89  admin key: 01 triple DES, 02 AES-128, 03 AES-192, 04 AES-256
///         8A  software version
///         8B  against guessing: 01 own tries, 02 the TPM's lockout
///         8C  who may reset the PIN: bit 1 PUK, bit 2 admin key, bit 3 authority
///         8D  PIN rules, a byte each: shortest, longest (0: the profile's); upper case, lower
///         case,
///             digits, special characters (0 allowed, 1 required, 2 forbidden); 01 where trivial
///             ones are refused; PINs remembered
///         8E  a login's life and the inactivity that ends it, seconds, four bytes each (0: the
///             driver's setting; none)
///         8F  fingerprint of the authority's key, SHA-256, where there is one
///         AB  a key (any number of these)
///             80  slot
///             81  algorithm, by name ("RSA-2048", "P-256")
///             82  PIN: 01 never, 02 once, 03 always
///             83  origin: 01 generated, 02 imported
///
/// Later versions may add objects; readers pass over those that they do not know.
Bytes encode(const CardStatus& status);

/// decode reads what encode() wrote; nothing when it is malformed or an object is missing.
std::optional<CardStatus> decode(ByteView bytes);

} // namespace tpmvsc::admin
