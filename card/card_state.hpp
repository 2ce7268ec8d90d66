// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/card.hpp"
#include "card/identity_file.hpp"
#include "card/personalisation.hpp"
#include "card/pin_history.hpp"
#include "card/records.hpp"
#include "tpm/connection.hpp"
#include "tpm/lockout.hpp"
#include "tpm/objects.hpp"
#include "tpm/tpm.hpp"

#include <chrono>
#include <map>

namespace tpmvsc::card {

/// to_result says what the TPM's answer means to a card's user.
PinOutcome::Result to_result(tpm::PinCheck check);

/// Login is a right PIN's ticket, and the host's own idea of how long it holds, by BootClock.
struct Login {
    tpm::Ticket ticket;
    std::chrono::milliseconds ends{};
    std::chrono::milliseconds last_use{};
    std::chrono::seconds inactivity{};  ///< ends it when nobody has used it for so long; 0: nothing
    std::chrono::milliseconds asleep{}; ///< what the machine had slept until then

    /// By the host's rules, whatever the TPM says: nobody has used it for too long, or the machine
    /// has slept since, as a card loses its login with its power. Many machines leave the TPM its
    /// power in a sleep, and then the ticket would hold.
    bool is_ended(const BootTime& now) const {
        const bool idle = inactivity.count() != 0 && now.since >= last_use + inactivity;
        return idle || now.slept_since(asleep);
    }
};

/// PinSetter is how one of those who may set a new PIN does it, once the TPM has found them right.
struct PinSetter {
    /// Satisfies PolicySecret of the party's Name, one of PinHistory::parties_of(). Run once, and
    /// only where the card has a history.
    tpm::PolicyStep step;
    /// Gives the TPM the new PIN and restores its tries.
    std::function<void(tpm::Connection&)> set;
    /// The PIN in force, from who has just proven it.
    std::optional<ByteView> known{};
};

/// Card::State is what the parts of Card share: the files, the TPM, the login.
struct Card::State {
    State(Folder card_folder, tpm::Tpm& machine_tpm, std::chrono::seconds session_life,
          BootClock boot_clock)
        : folder(std::move(card_folder)), tpm(machine_tpm), pin_session(session_life),
          clock(std::move(boot_clock)),
          identity_file(IdentityFile::read(folder)), parent{identity_file.anchor.parent_handle,
                                                            identity_file.anchor.parent_public,
                                                            identity_file.anchor.parent_name} {}

    /// The sealed files; the first call opens the card key in the TPM.
    const SealedFiles& files();
    PinRecord& pins();
    const PinRules& rules();
    /// True when the card's rules have nothing against `value` as a new PIN or PUK. To be asked
    /// before anything is tried.
    bool takes(PinKind kind, ByteView value);
    /// How long a login lasts at most on this card.
    std::chrono::seconds session_life();
    /// Sets a new PIN and ends the login: every way to one but a bare change() or
    /// reset_pin_by_puk() comes here. right or refused, by the rules or by the history; then
    /// nothing has changed.
    PinOutcome::Result set_pin(ByteView new_pin, const PinSetter& setter);
    /// The admin key's holder as PinSetter; the arguments must outlive it.
    PinSetter by_authority(const tpm::Authority& authority, ByteView value, ByteView new_pin);
    /// change() and reset_pin_by_puk(), when the rules have been asked: proof and change in one.
    PinOutcome::Result change_bare(PinKind kind, ByteView old_value, ByteView new_value);
    PinOutcome::Result reset_bare(ByteView puk, ByteView new_pin);
    /// The same on a card with a history, which lies between proof and change.
    PinOutcome::Result change_remembered(ByteView old_pin, ByteView new_pin);
    PinOutcome::Result reset_remembered(ByteView puk, ByteView new_pin);
    /// Asks the TPM whether a PIN or PUK is right, for a ticket that holds a minute.
    tpm::PinCheck prove(PinKind kind, ByteView value, tpm::Ticket& ticket);
    /// Keeps the count of tries up from what the TPM answered, and so what is left.
    void count(PinKind kind, tpm::PinCheck check);
    /// A history that knows no PIN yet, as at creation.
    PinHistory new_history();
    /// Opens the history; one that is damaged is begun anew, since nobody is kept from changing a
    /// PIN by it.
    PinHistory open_history(const tpm::PolicyStep& step);
    /// Notes a PIN that nobody has chosen, by the login that holds; nothing where the card keeps no
    /// history, or has that PIN in it.
    std::optional<PinHistory> note_in_history(ByteView pin);
    /// Where the authority's signature sets the PIN at once, nothing opens the history: it begins
    /// anew with that PIN, which the TPM has by now. A failure is logged.
    void begin_history_with(ByteView pin);
    /// Stores that the PIN noted last is in force; a failure is logged, and made good by the next
    /// change of the PIN.
    void confirm(PinHistory& history);
    PinHistory::TpmRunner tpm_runner() {
        return [this](const std::function<void(tpm::Connection&)>& work) { with_tpm(work); };
    }
    /// Notes that `value` is the one in the TPM: its length, and whether it is well known. When
    /// that cannot be stored now it is at the next occasion: the TPM has the value, so it is no
    /// failure.
    void note_value(PinKind kind, ByteView value);
    /// Notes before the TPM gets `value` what has to be known whatever interrupts the change: that
    /// it may be well known, and that its length may be the right one. Gives the record as it was
    /// when there was something to note. Throws StorageError, with everything as it was.
    std::optional<PinRecord> announce_value(PinKind kind, ByteView value);
    /// Takes back what announce_value() has noted, since the TPM has refused.
    void withdraw_value(const std::optional<PinRecord>& former);
    /// Stores the PIN record after the TPM was changed; a failure is logged, and made good later.
    void write_pins();
    /// The key in `slot`, from memory after the first time; null when there is none.
    const KeyRecord* key(KeySlot slot);
    /// Stores a key on disk and in memory, in place of what `slot` held.
    void store_key(KeySlot slot, const KeyRecord& record);

    /// Runs `work` on the TPM. When it fails in a way that another or a cleared TPM would cause,
    /// that is looked into first: ForeignTpmError.
    void with_tpm(const std::function<void(tpm::Connection&)>& work);
    /// Runs a private-key operation with the ticket that `record` wants, and turns the expected
    /// faults into outcomes.
    KeyOutcome use_key(const KeyRecord& record,
                       const std::function<void(tpm::Connection&, const tpm::KeyUse&)>& operation);

    /// The TPM's lockout as it is at this moment: other programs change it.
    tpm::Lockout lockout();
    /// Its tries as a card says them, and its answer with what is left, for a card whose PIN it
    /// guards.
    PinTries lockout_tries();
    PinOutcome lockout_outcome(PinOutcome::Result result);
    /// The answer of the TPM for `kind`, with the tries that are left.
    PinOutcome outcome(PinKind kind, PinOutcome::Result result);
    PinTries tries(PinKind kind);
    bool counts() { return pins().pin.kind != tpm::PinIndexKind::ordinary; }

    /// What a blank card keeps; nothing once it was activated.
    std::optional<Personalisation> personalisation(const PersonalisationRecord& record);
    tpm::PinCheck set_initial_pin(const Personalisation& values, ByteView value);
    tpm::PinCheck set_initial_puk(PersonalisationRecord& record, Personalisation& values,
                                  ByteView value);

    PinOutcome reset_by_authority(RemoteUnblockRecord& pending, ByteView answer, ByteView new_pin);
    PinOutcome reset_by_grant(RemoteUnblockRecord& pending, const tpm::SignedAnswer& answer,
                              ByteView new_pin);
    PinOutcome reset_directly(const RemoteUnblockRecord& pending, const tpm::SignedAnswer& answer,
                              ByteView new_pin);
    void use_up_grant();
    /// Finishes what an interrupted answer has left, and lets go of a challenge that nobody has
    /// answered in time: it costs the TPM a place.
    void settle_remote_unblock();
    void forget_remote_unblock();
    void retire_spoken_answer(AdminKey& key, const AdminSession& session);

    /// SHA-256(salt || value): what the TPM holds of a PIN.
    SecretBytes auth_value(ByteView pin);

    Folder folder;
    tpm::Tpm& tpm;
    std::chrono::seconds pin_session;
    BootClock clock;
    IdentityFile identity_file;
    tpm::Parent parent;
    std::optional<SealedFiles> opened_files;
    std::optional<PinRecord> pin_record;
    std::optional<PinRules> pin_rules;
    bool pins_unsaved = false; ///< the record in memory is newer than the one on disk
    std::map<KeySlot, KeyRecord> keys;
    std::optional<Login> login;
    std::optional<bool> blank;
    std::optional<PinTries> pin_tries;
    std::optional<PinTries> puk_tries;
    /// When a value that was wrong here has locked the TPM: from then on its wait is known.
    std::optional<BootTime> locked_since;
    std::unique_ptr<AdminKey> admin_key;

    /// The driver cannot know any more how many tries are left: it asks the TPM at the next
    /// occasion.
    void forget_tries() {
        pin_tries.reset();
        puk_tries.reset();
    }

  private:
    void throw_if_foreign();
};

} // namespace tpmvsc::card
