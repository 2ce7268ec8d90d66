// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/boot_clock.hpp"
#include "base/bytes.hpp"
#include "base/key_value.hpp"
#include "base/reset_challenge.hpp"
#include "card/admin_key.hpp"
#include "card/keys.hpp"
#include "card/sealed_files.hpp"
#include "tpm/authority.hpp"
#include "tpm/epoch.hpp"
#include "tpm/pin_index.hpp"
#include "tpm/signed_reset.hpp"
#include "tpm/types.hpp"

#include <optional>
#include <string>
#include <vector>

/// What a card's sealed files hold: KeyValue texts, each with a reader and a writer here. A reader
/// throws StorageError(damaged) naming the file when a field is missing or malformed.
namespace tpmvsc::card {

/// File "pins": the card's PIN and PUK as their TPM indices.
struct PinRecord {
    tpm::PinIndex pin;
    std::optional<tpm::PinIndex> puk;
    Bytes salt; ///< goes before PIN and PUK in their authorisation values
    bool admin_resets_pin = false;
    Bytes reset_authority; ///< SubjectPublicKeyInfo (DER), or empty
    /// What the authority's signature makes usable, and its value: see tpm/signed_reset.hpp. Not
    /// where the TPM's lockout counts.
    std::optional<tpm::PinIndex> grant;
    Bytes grant_value;
    bool pin_is_default = false;
    bool puk_is_default = false;
    /// Lengths in bytes where the profile must know them, else 0: GIDS' CHANGE REFERENCE DATA
    /// carries the old and the new value with nothing between.
    std::uint32_t pin_length = 0;
    std::uint32_t puk_length = 0;
    /// What the length may be already, while a change is under way, else 0.
    std::uint32_t next_pin_length = 0;
    std::uint32_t next_puk_length = 0;

    static constexpr const char* file = "pins";
    static PinRecord read(const SealedFiles& files);
    void write(const SealedFiles& files) const;
};

/// File "key-9a" and so on: a private key's blob and what is public of it.
struct KeyRecord {
    KeyInfo info;
    tpm::KeyBlob blob;
    Bytes name; ///< the TPM object's Name

    /// Nothing when there is no such file.
    static std::optional<KeyRecord> read(const SealedFiles& files, const std::string& file);
    void write(const SealedFiles& files, const std::string& file) const;
};
std::string key_file(KeySlot slot);
/// The slot that a file name stands for; nothing when it is no key's.
std::optional<KeySlot> key_slot_of(const std::string& file);

/// File "object-5fc102" and so on. Objects that want the PIN have "pin-object-...".
std::string object_file(ObjectTag tag);
std::string pin_object_file(ObjectTag tag);
std::optional<ObjectTag> object_tag_of(const std::string& file);

/// The key under which objects that want the PIN are encrypted, a KeyRecord of its own.
inline constexpr const char* object_key_file = "object-key";

/// AnswerSeal is a challenge to the admin key's holder, and what the right answer to it opens in
/// the TPM: the value of the card's authority (32 bytes), then the key.
struct AnswerSeal {
    AdminProof proof = AdminProof::encrypts;
    Bytes challenge;
    tpm::KeyBlob blob;
};

/// File "admin": the admin key, sealed under its own answers together with the value of the card's
/// authority, which stands in TPM policies for the admin key whatever its present value is.
struct AdminRecord {
    std::string algorithm; ///< "3des", "aes128", "aes192", "aes256"
    std::vector<AnswerSeal> seals;
    /// What the seals are bound to, and the count at which they open. A change of the key advances
    /// it, so that no old copy of this file opens again.
    tpm::Epoch epoch;
    std::uint64_t count = 0;
    tpm::Authority authority;
    bool is_default = false;

    static constexpr const char* file = "admin";
    static AdminRecord read(const SealedFiles& files);
    void write(const SealedFiles& files) const;
};

/// File "personalisation" of a blank card: see Personalisation.
struct PersonalisationRecord {
    tpm::PinIndex gate;
    Bytes gate_value;
    tpm::KeyBlob sealed;

    static constexpr const char* file = "personalisation";
    /// Nothing when there is no such file.
    static std::optional<PersonalisationRecord> read(const SealedFiles& files);
    void write(const SealedFiles& files) const;
};

/// File "remote-unblock": the challenge that was given last, and the TPM's session behind it where
/// the authority is to answer.
struct RemoteUnblockRecord {
    ResetKind kind = ResetKind::authority;
    Bytes challenge;
    tpm::WaitingSession session;
    BootTime begun;       ///< when the challenge was given
    bool granted = false; ///< the grant may be usable: an answer was under way

    static constexpr const char* file = "remote-unblock";
    /// Nothing when there is no such file.
    static std::optional<RemoteUnblockRecord> read(const SealedFiles& files);
    void write(const SealedFiles& files) const;
};

/// File "attestation": the key that vouches for the others, and its own certificate.
struct AttestationRecord {
    tpm::KeyBlob blob;
    Bytes certificate; ///< X.509, DER

    static constexpr const char* file = "attestation";
    static AttestationRecord read(const SealedFiles& files);
    void write(const SealedFiles& files) const;
};

/// parse_record reads a sealed file as a KeyValue text; nothing when the file is absent.
std::optional<KeyValue> parse_record(const SealedFiles& files, const std::string& file);
/// write_record writes one and wipes the text.
void write_record(const SealedFiles& files, const std::string& file, const KeyValue& record);

} // namespace tpmvsc::card
