// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/piv/options.hpp"
#include "card/admin_key.hpp"
#include "card/keys.hpp"

#include <cstdint>
#include <optional>
#include <span>

/// The key references and algorithm identifiers of PIV as tables.
namespace tpmvsc::piv {

/// KeyReference is an asymmetric key of the PIV Card Application (SP 800-73-4 part 1 section 5.1).
struct KeyReference {
    card::KeySlot slot = 0;
    /// What GENERATE makes of it when the host does not say otherwise.
    card::PinPolicy pin_policy = card::PinPolicy::once;
    /// Data object of its certificate.
    std::uint32_t certificate = 0;
    /// SP 800-73-4 part 2 section 3.2.4 keeps key agreement to these references.
    bool key_management = false;
    /// Keys of old, kept to decrypt with.
    bool retired = false;
};

inline constexpr std::uint8_t pin_reference = 0x80;
inline constexpr std::uint8_t puk_reference = 0x81;
inline constexpr std::uint8_t admin_key_reference = 0x9B;
inline constexpr card::KeySlot first_retired_slot = 0x82;
inline constexpr unsigned retired_slots = 20;

/// key_references lists 9A, 9C, 9D, 9E and 82 to 95.
std::span<const KeyReference> key_references();
/// find_key_reference gives the row of `reference`; null for anything that is no asymmetric key.
const KeyReference* find_key_reference(std::uint8_t reference);
/// may_hold tells whether a key of `algorithm` may come into `slot`, one of the table's.
bool may_hold(card::KeySlot slot, card::KeyAlgorithm algorithm, const Options& options);

/// Algorithm identifiers, SP 800-78-4 table 6-2; 05 (RSA-3072) by SP 800-78-5 and 16 (RSA-4096) as
/// YubiKey 5.7 has it.
std::optional<card::KeyAlgorithm> key_algorithm(std::uint8_t identifier);
/// Nothing for a curve that PIV has no identifier for.
std::optional<std::uint8_t> identifier_of(card::KeyAlgorithm algorithm);
/// 00 means triple DES as 03 does.
std::optional<card::AdminAlgorithm> admin_algorithm(std::uint8_t identifier);
std::uint8_t identifier_of(card::AdminAlgorithm algorithm);

} // namespace tpmvsc::piv
