// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/boot_clock.hpp"
#include "base/bytes.hpp"
#include "base/private_key_parts.hpp"
#include "base/reset_challenge.hpp"
#include "base/secret.hpp"
#include "card/admin_key.hpp"
#include "card/identity.hpp"
#include "card/keys.hpp"
#include "card/pin_rules.hpp"
#include "card/pins.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace tpmvsc::tpm {
class Tpm;
struct EndorsementKey;
enum class EndorsementKind;
struct ForeignKey;
struct Statement;
} // namespace tpmvsc::tpm

namespace tpmvsc::card {

struct RemoteUnblockRecord;

/// Who may read a data object. Everybody may, or who has given the PIN.
enum class ReadAccess { always, pin };

/// Card is one virtual smart card: keys, data objects, PIN, PUK and admin key, with the TPM and the
/// card's folder behind it. It knows no APDU and no status word: expected outcomes are values.
///
/// Errors: tpm::Error when the TPM fails, StorageError when the folder does; both say in a sentence
/// what to do. Nothing that a method reported as done is lost afterwards.
///
/// One thread at a time; the driver holds a lock around each APDU. The TPM behind it is shared with
/// other cards and has its own lock.
class Card {
  public:
    /// How long one PIN entry lasts at most where nobody says otherwise.
    static constexpr std::chrono::seconds default_pin_session{8 * 3600};

    /// Opens the card in `folder` without touching the TPM or more than its identity file. The TPM
    /// and the sealed files are read when first needed. `clock` times the waits after wrong admin
    /// keys.
    static std::unique_ptr<Card> open(const std::string& folder, tpm::Tpm& tpm,
                                      std::chrono::seconds pin_session = default_pin_session,
                                      BootClock clock = boot_time);
    ~Card();

    const Identity& identity() const;

    // --- Login -----------------------------------------------------------------------------------

    /// Asks the TPM whether `pin` (without padding) is right. Right: the login holds until
    /// logout(), a wrong PIN, a PIN change, or until the TPM ends it. Costs one try when wrong.
    PinOutcome verify_pin(ByteView pin);
    /// True while a login holds, as far as the host knows; the TPM has the last word at the next
    /// use. Where the card's rules say so, a login that nobody has used for some time is over: each
    /// use of a key or an object that wants the PIN counts.
    bool logged_in() const;
    /// Forgets the login's ticket. (A copy of it that somebody took from this process' memory would
    /// work until its time is over or the TPM restarts.)
    void logout();
    /// Tries left and their limit. The TPM is asked once, later counts are kept up from its
    /// answers. With AntiHammering::lockout they are the TPM's, and it is asked each time (one
    /// command): other programs use them up as well, and time gives them back.
    PinTries tries(PinKind kind);
    /// Replaces PIN or PUK by who knows the old one. A wrong old one costs a try. Changing the PIN
    /// restores its tries and, as SP 800-73-4 part 2 section 3.2.2 has it, ends with the PIN
    /// verified.
    PinOutcome change(PinKind kind, ByteView old_value, ByteView new_value);
    /// Sets a new PIN by who knows the PUK; restores the PIN's tries. The PIN is not verified then.
    PinOutcome reset_pin_by_puk(ByteView puk, ByteView new_pin);
    /// Who may set a new PIN without the old one. It stands in the TPM's policy, for good.
    ResetParties reset_parties();
    /// The public key whose owner may have a new PIN set (SubjectPublicKeyInfo, DER), or nothing.
    Bytes reset_authority();
    /// Sets a new PIN by who has shown the admin key and restores its tries; absent where that is
    /// not allowed. The PIN is not verified then.
    PinOutcome reset_pin_by_admin(const AdminSession& admin, ByteView new_pin);
    /// Gives a challenge by whose answer `party` allows a new PIN; it takes the place of the one
    /// before, and stays good over restarts of the driver until it is answered rightly; the
    /// authority's only until the TPM restarts. Nothing when that party may not.
    std::optional<ResetChallenge> begin_remote_unblock(ResetParty party);
    /// The challenge that was given last; nothing when there is none.
    std::optional<ResetChallenge> pending_remote_unblock();
    /// Sets a new PIN by the answer to it and restores the tries. wrong: the answer is not right,
    /// the challenge stays. locked: too many wrong answers from the admin key, nothing was looked
    /// at. absent: there is no challenge that could be answered, or the TPM has lost it. The PIN is
    /// not verified then.
    PinOutcome finish_remote_unblock(ByteView answer, ByteView new_pin);
    /// What stands against guessing on this card.
    AntiHammering anti_hammering();
    /// How long at most PIN and PUK are refused from now on by the TPM's lockout; nothing while
    /// they are not, and on a card that counts its own tries. Less than the TPM's parameters say
    /// where this driver saw the lockout begin; should it outlast that, since the computer slept or
    /// somebody reset it and guessed anew, it is the whole time again.
    std::optional<std::chrono::seconds> locked_for();
    /// What the card demands of a new PIN, and how long a login lasts. A new value that breaks it
    /// is refused by all of the above before anything is tried; but whether it is one of the
    /// history is told only to who has given a right value. The well-known values of reset() break
    /// no rule.
    const PinRules& pin_rules();
    /// Has the card keep other rules from now on; the PIN that it has stays what it is. False, and
    /// nothing changed, for rules that no PIN could keep, and where they remember more or fewer
    /// PINs: the history is begun when the card is made.
    bool set_pin_rules(const AdminSession& admin, const PinRules& rules);
    /// How long a login lasts at most: the card's own rule, or what open() was told.
    std::chrono::seconds session_life();
    /// The length of PIN or PUK in bytes, on cards whose profile has to know (GIDS); else nothing.
    /// Two when a change was interrupted: nobody knows then whether the TPM has made it.
    std::vector<std::size_t> lengths_of(PinKind kind);
    /// True when the card was created with the right to new limits: then whoever has PIN and admin
    /// key can also lift the limits and plant a PUK, root included. It is not the default.
    bool can_set_tries();
    /// Gives PIN and PUK new limits and the well-known values, by who is logged in and has shown
    /// the admin key: the TPM wants both. Ends the login. PinOutcome::absent without a login.
    PinOutcome set_tries(const AdminSession& admin, unsigned pin_tries, unsigned puk_tries);
    /// True when PIN or PUK still is the well-known value it was created with.
    bool is_default(PinKind kind);

    // --- Admin key -------------------------------------------------------------------------------

    /// The symmetric key that PIV calls 9B and GIDS the admin key.
    AdminKey& admin_key();

    // --- Personalisation ---------------------------------------------------------------------

    /// True from creation as a blank card until activate(): the profile enforces no access
    /// conditions then.
    bool is_blank();
    /// Sets PIN or PUK of a blank card, whatever the old one is. PinOutcome::absent when the card
    /// is not blank, or has no such value.
    PinOutcome set_initial(PinKind kind, ByteView value);
    /// An administrator's session on a blank card, good for AdminKey::change(); else nothing.
    std::optional<AdminSession> initial_admin_session();
    /// Ends the personalisation for good.
    void activate();

    // --- Private keys ----------------------------------------------------------------------------

    /// What is known of the key in `slot`; nothing when it is empty. Public: no TPM.
    std::optional<KeyInfo> key(KeySlot slot);
    /// Slots that hold a key, ascending.
    std::vector<KeySlot> key_slots();
    /// True when this TPM can make and use keys of this kind.
    bool supports(KeyAlgorithm algorithm);
    /// Makes a key in the TPM in place of what `slot` held. Takes many seconds for RSA on a chip.
    KeyInfo generate_key(KeySlot slot, KeyAlgorithm algorithm, PinPolicy policy);
    /// Takes a key from outside into the TPM, in place of what `slot` held; nothing when its parts
    /// do not belong together.
    std::optional<KeyInfo> import_rsa_key(KeySlot slot, KeyAlgorithm algorithm, PinPolicy policy,
                                          const crypto::RsaParts& parts);
    std::optional<KeyInfo> import_ec_key(KeySlot slot, KeyAlgorithm algorithm, PinPolicy policy,
                                         ByteView scalar);
    /// Moves a key to an empty slot; false when there is none, or the other slot is taken.
    bool move_key(KeySlot from, KeySlot to);
    /// Deletes a key; false when there is none.
    bool delete_key(KeySlot slot);
    /// Raw RSA private operation on a block of the modulus' size (padding is the client's
    /// business).
    KeyOutcome rsa_private(KeySlot slot, ByteView block);
    /// RSA decryption in the TPM, padding taken away; bad_input when that is wrong.
    KeyOutcome rsa_decrypt(KeySlot slot, ByteView cipher, RsaPadding padding);
    /// ECDSA over `digest`: shorter than the curve it is padded in front, longer it is cut behind
    /// (P-521 takes up to the 64 bytes of SHA-512).
    KeyOutcome ecdsa_sign(KeySlot slot, ByteView digest, EcdsaForm form = EcdsaForm::der);
    /// ECDH with the uncompressed point `peer`; answers the X coordinate in full field length.
    KeyOutcome ecdh(KeySlot slot, ByteView peer);

    // --- Attestation -----------------------------------------------------------------------------

    /// The card's attestation certificate (X.509, DER), self-signed by a restricted key in the TPM.
    /// Such a key cannot forge a statement of the TPM; the certificates around the statements are
    /// the host's word.
    Bytes attestation_certificate();
    /// A certificate (X.509, DER) for the key in `slot`, issued by the attestation key, with the
    /// TPM's statement about the key in an extension. `issuer` is the certificate whose subject is
    /// to be named as issuer: attestation_certificate(), or one that a certification authority has
    /// made for the same key. Nothing for an empty slot, and for an imported key.
    /// `nonce` (at most 32 bytes) is bound into the statement.
    std::optional<Bytes> attest(KeySlot slot, ByteView issuer, ByteView nonce = {});
    /// The TPM's statement about the PIN's count and limit, by the attestation key. Nothing where
    /// the TPM's lockout counts, and on cards that were made before there was such a statement.
    std::optional<tpm::Statement> attest_tries(ByteView nonce);
    /// The key by which the TPM's maker vouches for the TPM; of no card in particular. Throws
    /// tpm::Error(auth_failed) where the endorsement hierarchy has a password.
    tpm::EndorsementKey endorsement(std::optional<tpm::EndorsementKind> wish);
    /// Opens a credential that was encrypted to the endorsement key for the card's attestation key:
    /// who has made it learns that both are in one TPM. Nothing when it is not for these two.
    std::optional<SecretBytes> activate_credential(tpm::EndorsementKind kind, ByteView credential,
                                                   ByteView encrypted_secret);

    // --- Data objects ----------------------------------------------------------------------------

    /// Contents of object `tag`; nothing when absent. For ReadAccess::pin a login must hold: ask
    /// logged_in() first; answers nothing and sets `login_ended` when the TPM has ended the login.
    std::optional<Bytes> read_object(ObjectTag tag, ReadAccess access, bool* login_ended = nullptr);
    /// Stores an object, whole or not at all. An empty `contents` removes it.
    void write_object(ObjectTag tag, ReadAccess access, ByteView contents);
    /// True when object `tag` is stored, without a look at the disk after the first time.
    bool has_object(ObjectTag tag, ReadAccess access);
    /// Tags of all stored objects, ascending.
    std::vector<ObjectTag> object_tags();

    // --- Else ------------------------------------------------------------------------------------

    /// Random bytes from the TPM's generator.
    Bytes random(std::size_t size);
    /// Makes the card as new: well-known PIN, PUK and admin key (3DES), `objects` as its only data,
    /// no keys. The old PIN index is removed from the TPM: keys that want the PIN are then gone for
    /// good, copies of the folder included. (A copied key without PIN still works in this TPM.) All
    /// or nothing; a StorageError that says so is thrown when the card is reset and only the disk
    /// does not confirm it. Throws tpm::Error(auth_failed) where the TPM's owner has a password.
    void reset(const std::vector<std::pair<ObjectTag, Bytes>>& objects);
    /// Called when the card loses power or is reset: the login ends.
    void power_off();

  private:
    struct State;
    PinOutcome reset_by_admin_answer(const RemoteUnblockRecord& pending, ByteView answer,
                                     ByteView new_pin);
    explicit Card(std::unique_ptr<State> state);
    KeyInfo import_key(KeySlot slot, PinPolicy policy, const tpm::ForeignKey& key);
    std::unique_ptr<State> state_;
};

} // namespace tpmvsc::card
