// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/command.hpp"
#include "apdu/gids/algorithms.hpp"
#include "apdu/gids/file_control.hpp"
#include "apdu/pin_rules.hpp"
#include "card/pin_lengths.hpp"
#include "card/pins.hpp"

#include <variant>
#include <vector>

/// The commands of the GIDS application of GIDS 2.0 once they are understood. Views point
/// into the command they were parsed from.
namespace tpmvsc::gids {

/// What SELECT is to answer: P2.
enum class SelectAnswer : std::uint8_t {
    information = 0x00,
    parameters = 0x04,
    management = 0x08,
    nothing = 0x0C
};

struct SelectFile {
    FileId file;
    SelectAnswer answer;
};

// --- Data

/// All objects that a tag list names, or all there are when it names none.
struct GetObjects {
    FileId file;
    std::vector<std::uint32_t> tags;
};
/// The tags of all objects there are.
struct GetTags {
    FileId file;
};
/// 7F71 and 7F72 tell of the PIN, 7F73 of the PUK.
struct GetTries {
    std::uint32_t tag;
    card::PinKind kind;
};
struct GetPublicKey {
    card::KeySlot key;
};

struct PutObject {
    FileId file;
    std::uint32_t tag;
    ByteView value;
};
struct PutAdminKey {
    ByteView key;
};
struct PutPrivateKey {
    card::KeySlot key;
    ByteView encoded; ///< RSAPrivateKey of RFC 8017 appendix A.1.2, or nearly so
};

// --- PIN and PUK

struct VerifyStatus {};
struct VerifyPin {
    ByteView pin;
};
/// Ends all that was proven.
struct ClearSecurityStatus {};
/// Old and new value, with nothing between: only the card knows where the one ends.
struct ChangeReference {
    card::PinKind kind;
    ByteView old_and_new;
};
struct SetReference {
    card::PinKind kind;
    ByteView value;
};
struct ResetByPuk {
    ByteView puk_and_new;
};
struct ResetByAdministrator {
    ByteView new_pin;
};

// --- Keys

struct SelectKey {
    card::KeySlot key;
    KeyUsage usage;
};
struct Sign {
    ByteView input;
};
struct Decipher {
    ByteView cryptogram;
};
struct GenerateKey {
    card::KeySlot key;
    card::KeyAlgorithm algorithm;
};

// --- Admin key

struct SelectAdminKey {};
struct MutualChallenge {
    ByteView host_random; ///< 16 bytes
};
struct MutualResponse {
    ByteView cryptogram; ///< 40 bytes
};
struct ExternalChallenge {};
struct ExternalResponse {
    ByteView cryptogram; ///< one block
};

// --- Files and the life cycle

struct CreateFile {
    FileControl file;
};
struct Activate {};
struct DeleteFile {};
struct Terminate {};

/// GidsCommand is any of them, or the status word that refuses what was sent.
using GidsCommand =
    std::variant<apdu::StatusWord, SelectFile, GetObjects, GetTags, GetTries, GetPublicKey,
                 PutObject, PutAdminKey, PutPrivateKey, VerifyStatus, VerifyPin,
                 ClearSecurityStatus, ChangeReference, SetReference, ResetByPuk,
                 ResetByAdministrator, SelectKey, Sign, Decipher, GenerateKey, SelectAdminKey,
                 MutualChallenge, MutualResponse, ExternalChallenge, ExternalResponse, CreateFile,
                 Activate, DeleteFile, Terminate, apdu::SetPinRules>;

/// parse understands `command` or says what is wrong with it, without looking at the card.
GidsCommand parse(const apdu::Command& command);

/// may_be_chained is true for the instructions of this application that carry data.
bool may_be_chained(std::uint8_t ins);

/// The bytes that PIN and PUK may have.
constexpr bool is_pin_length(std::size_t bytes) {
    return card::pin_lengths(card::PinKind::pin, card::Profile::gids).allow(bytes);
}

} // namespace tpmvsc::gids
