// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/card.hpp"
#include "card/identity_file.hpp"
#include "card/personalisation.hpp"
#include "card/records.hpp"
#include "tpm/connection.hpp"
#include "tpm/objects.hpp"
#include "tpm/tpm.hpp"

#include <chrono>
#include <map>

namespace tpmvsc::card {

/// to_result says what the TPM's answer means to a card's user.
PinOutcome::Result to_result(tpm::PinCheck check);

/// Login is a right PIN's ticket, and the host's own idea of how long it holds.
struct Login {
    tpm::Ticket ticket;
    std::chrono::steady_clock::time_point ends;
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

    /// What a blank card keeps; nothing once it was activated.
    std::optional<Personalisation> personalisation(const PersonalisationRecord& record);
    tpm::PinCheck set_initial_pin(const Personalisation& values, ByteView value);
    tpm::PinCheck set_initial_puk(PersonalisationRecord& record, Personalisation& values,
                                  ByteView value);

    PinOutcome reset_by_authority(const RemoteUnblockRecord& pending, ByteView answer,
                                  ByteView new_pin);
    void forget_remote_unblock();
    void retire_spoken_answer(AdminKey& key, const AdminSession& session);
    bool set_by_grant(tpm::Connection& connection, const tpm::WaitingSession& session,
                      const tpm::SignedAnswer& answer, ByteView new_auth);

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
