// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/command.hpp"
#include "apdu/piv/extension_commands.hpp"
#include "apdu/piv/piv_keys.hpp"
#include "card/pins.hpp"

#include <optional>
#include <variant>

/// The commands of the PIV Card Application (SP 800-73-4 part 2 section 3) once they are
/// understood. Views point into the command they were parsed from.
namespace tpmvsc::piv {

struct GetData {
    std::uint32_t tag;
};

/// Empty contents remove the object.
struct PutData {
    std::uint32_t tag;
    ByteView contents;
};

struct VerifyStatus {};

struct VerifyPin {
    ByteView
        pin; ///< without padding, in whatever format: it is for the TPM to say that it is wrong
};

struct Logout {};

/// A new value that breaks the format rules is absent. That is told only to who knows the old
/// value: yubikey-manager 4.0.9 blocks a PIN with FF bytes on purpose and must not be stopped by
/// 6A80.
struct ChangeReference {
    card::PinKind kind;
    ByteView old_value;
    std::optional<ByteView> new_value;
};

struct ResetRetryCounter {
    ByteView puk;
    std::optional<ByteView> new_pin;
};

struct GenerateKey {
    card::KeySlot slot;
    card::KeyAlgorithm algorithm;
    card::PinPolicy pin_policy;
};

/// GENERAL AUTHENTICATE with an asymmetric key: `input` is a padded block (RSA) or a digest
/// (ECDSA).
struct PrivateOperation {
    const KeyReference* reference;
    card::KeyAlgorithm algorithm;
    ByteView input;
};

/// GENERAL AUTHENTICATE with an elliptic-curve key and the other party's point.
struct KeyAgreement {
    const KeyReference* reference;
    card::KeyAlgorithm algorithm;
    ByteView point;
};

/// OpenSC's source of random numbers: a challenge asked for with algorithm 00, never answered.
struct RandomBlock {};

struct ExternalChallenge {
    card::AdminAlgorithm algorithm;
};

struct ExternalResponse {
    card::AdminAlgorithm algorithm;
    ByteView response;
};

struct WitnessRequest {
    card::AdminAlgorithm algorithm;
};

struct WitnessResponse {
    card::AdminAlgorithm algorithm;
    ByteView witness;   ///< decrypted by the host
    ByteView challenge; ///< for the card to encrypt in its turn
};

/// PivCommand is any of them, or the status word that refuses what was sent.
using PivCommand =
    std::variant<apdu::StatusWord, GetData, PutData, VerifyStatus, VerifyPin, Logout,
                 ChangeReference, ResetRetryCounter, GenerateKey, PrivateOperation, KeyAgreement,
                 RandomBlock, ExternalChallenge, ExternalResponse, WitnessRequest, WitnessResponse,
                 GetVersion, GetSerial, GetMetadata, AttestKey, ImportRsaKey, ImportEcKey,
                 SetAdminKey, SetTries, ResetCard, MoveKey, DeleteKey, apdu::SetPinRules>;

/// parse understands `command` or says what is wrong with it, without looking at the card.
PivCommand parse(const apdu::Command& command);

/// may_be_chained is true for the instructions whose data may be longer than a short APDU carries.
bool may_be_chained(std::uint8_t ins);

/// parse_general_authenticate is the part of parse() for instruction 87 (section 3.2.4).
PivCommand parse_general_authenticate(const apdu::Command& command);

} // namespace tpmvsc::piv
