// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/reset_challenge.hpp"
#include "card/admin_key.hpp"
#include "card/identity.hpp"
#include "card/keys.hpp"
#include "card/pin_rules.hpp"
#include "card/pins.hpp"

#include <chrono>
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

/// GET CHALLENGE, where the applet is selected: INS 84, P1 00 a new challenge, 01 the last one
/// again; P2 01 for the admin key's holder, 02 for the authority (with P1 01: 00). The answer is a
/// template E2 with 80 the kind (ResetKind), 81 the card's serial number, 82 the challenge. 6985:
/// the party may not reset the PIN, or there is no challenge.
inline constexpr std::uint8_t ins_get_challenge = 0x84;
/// RESET RETRY COUNTER: INS 2C, P1-P2 0000, data 83 the answer to the last challenge, 84 the new
/// PIN without padding. 6982: the answer is not right; 6983: no answer of the admin key is heard
/// now; 6985: there is no such challenge any more; 6A80: the card does not take such a PIN.
inline constexpr std::uint8_t ins_reset_retry_counter = 0x2C;
inline constexpr std::uint8_t p1_new_challenge = 0x00;
inline constexpr std::uint8_t p1_last_challenge = 0x01;
inline constexpr std::uint8_t p2_admin_key = 0x01;
inline constexpr std::uint8_t p2_authority = 0x02;
inline constexpr std::uint32_t tag_answer = 0x83;
inline constexpr std::uint32_t tag_new_pin = 0x84;

/// encode and decode the challenge's template.
Bytes encode(const ResetChallenge& challenge);
std::optional<ResetChallenge> decode_challenge(ByteView bytes);

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
    /// How long at most the TPM's lockout refuses PIN and PUK; nothing while it does not.
    std::optional<std::chrono::seconds> locked_for;
    card::ResetParties reset;
    card::PinRules pin_rules;
    /// How long a login lasts at most: the card's own rule, or the driver's setting.
    std::chrono::seconds session_life{0};
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
///         8D  PIN rules, a byte each: shortest, longest (0: the profile's);
///             upper case, lower case, digits, special characters (0 allowed, 1 required, 2
///             forbidden); 01 where trivial ones are refused; PINs remembered
///         8E  a login's life, and the inactivity that ends it (0: none), seconds, four bytes each;
///             then 01 where its life is the card's own rule, 00 where it is the driver's setting
///         8F  fingerprint of the authority's key, SHA-256, where there is one
///         90  while the TPM's lockout refuses PIN and PUK: for how long at most, seconds, four
///             bytes
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
