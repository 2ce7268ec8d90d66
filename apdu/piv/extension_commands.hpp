// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/pin_rules.hpp"
#include "apdu/piv/piv_keys.hpp"
#include "base/private_key_parts.hpp"

/// The commands that YubiKeys have beyond SP 800-73-4, once they are understood: what
/// yubico-piv-tool, yubikey-manager, piv-go and others send. Views point into the command they were
/// parsed from.
namespace tpmvsc::piv {

/// The key with which the card attests to its other keys. No command of the standard can use it.
inline constexpr std::uint8_t attestation_key_reference = 0xF9;

struct GetVersion {};

struct GetSerial {};

/// `reference` is that of an asymmetric key, of PIN, PUK or administration key, or
/// attestation_key_reference.
struct GetMetadata {
    std::uint8_t reference;
};

struct AttestKey {
    card::KeySlot slot;
};

/// IMPORT ASYMMETRIC KEY: which slot is to hold what.
struct ImportTarget {
    card::KeySlot slot;
    card::KeyAlgorithm algorithm;
    card::PinPolicy pin_policy;
};

struct ImportRsaKey {
    ImportTarget target;
    crypto::RsaParts parts;
};

struct ImportEcKey {
    ImportTarget target;
    ByteView scalar;
};

struct SetAdminKey {
    card::AdminAlgorithm algorithm;
    ByteView key;
};

struct SetTries {
    unsigned pin;
    unsigned puk;
};

struct ResetCard {};

struct MoveKey {
    card::KeySlot from;
    card::KeySlot to;
};

struct DeleteKey {
    card::KeySlot slot;
};

} // namespace tpmvsc::piv
