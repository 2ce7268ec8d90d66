// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "card/admin_key.hpp"
#include "card/identity.hpp"
#include "card/keys.hpp"
#include "card/pin_rules.hpp"
#include "card/pins.hpp"
#include "card/store.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace tpmvsc::tpm {
class Tpm;
}

namespace tpmvsc::card {

class Card;

/// What a new card is to be. The secrets come without padding.
struct CreateOptions {
    std::string name;
    Profile profile = Profile::piv;
    SecretBytes pin;
    SecretBytes puk; ///< empty: the card has none
    AntiHammering anti_hammering = AntiHammering::counter;
    unsigned pin_tries = 3; ///< both for AntiHammering::counter only
    unsigned puk_tries = 3;
    PinRules pin_rules;
    /// Lets who shows the admin key set a new PIN. Not together with a PUK, as on Windows.
    bool admin_resets_pin = false;
    /// Public key (SubjectPublicKeyInfo, DER; P-256 or RSA) whose owner may have a new PIN set;
    /// empty: there is none.
    Bytes reset_authority;
    /// Lets who has PIN and admin key set new limits later (YubiKey's SET RETRIES), see
    /// Card::can_set_tries().
    bool settable_tries = false;
    AdminAlgorithm admin_algorithm = AdminAlgorithm::tdes;
    SecretBytes admin_key;
    /// GIDS: made without PIN, PUK and admin key being final; see Card::is_blank().
    bool blank = false;
    SecretBytes owner_auth; ///< authorisation of the TPM's owner hierarchy, mostly empty
    /// First contents of data objects, in the clear until stored: the profile's own.
    std::vector<std::pair<ObjectTag, Bytes>> objects;
    Bytes replaces; ///< reissue's: id of the card whose place it takes
    /// Told what is being done, a line a step.
    std::function<void(const std::string&)> progress;
};

/// create makes a card under the store's lock: PIN and PUK indices, card key and keys in the TPM,
/// then the folder, visible at once and whole, or not at all (what was made in the TPM is then
/// removed). Gives its identity. `assign` fills in what depends on the identity (PIV: the objects;
/// a derived admin key) before anything is made; what it throws leaves nothing behind. Errors:
/// tpm::Error, StorageError, std::runtime_error when all slots are taken.
Identity create(const Store& store, tpm::Tpm& tpm, CreateOptions options,
                const std::function<void(const Identity&, CreateOptions&)>& assign);

/// destroy removes the card: first from sight, then its indices from the TPM, then its folder. What
/// the TPM does not have any more is told in the result, one sentence each. While the TPM cannot be
/// reached, the record of the indices is kept in the hidden folder for a sweep; the keys go at
/// once. A wrong owner authorisation throws tpm::Error(auth_failed) and leaves the card as it was.
std::vector<std::string> destroy(const Store& store, tpm::Tpm& tpm, const std::string& folder,
                                 ByteView owner_auth);

/// reissue makes a card anew in the place of the one in `folder`: under its name, in its slot, of
/// its profile, with another id and serial number; `options` say the rest. Up to one rename the old
/// card is there, from then on the new one. The old one's indices and folder go afterwards; what
/// is left of them is told in the result, and a sweep does it then. Errors as create(), and
/// StorageError where the old card's identity cannot be read.
struct Reissued {
    Identity identity;
    std::vector<std::string> remains;
};
Reissued reissue(const Store& store, tpm::Tpm& tpm, const std::string& folder,
                 CreateOptions options,
                 const std::function<void(const Identity&, CreateOptions&)>& assign);

/// settings_of gives what a card was made with, its secrets and objects aside.
CreateOptions settings_of(Card& card);

/// clear_replaced clears away the card in `folder`, whose place another one has taken. What is left
/// is told in the result. The caller holds the lock.
std::vector<std::string> clear_replaced(const Store& store, tpm::Tpm& tpm,
                                        const std::string& folder, ByteView owner_auth);

/// IndexState is what there is in the TPM where a card has, or had, one of its indices.
struct IndexState {
    enum class Presence {
        there,
        undefined,        ///< no index has this handle
        of_somebody_else, ///< one of another Name has it
    };
    std::string role; ///< "PIN"
    std::uint32_t handle = 0;
    Bytes name; ///< the card's own; a finished card's indices have no other
    Presence presence = Presence::there;
};
using IndexStates = std::vector<IndexState>;
/// look_for_indices reads back from the TPM.
void look_for_indices(tpm::Tpm& tpm, IndexStates& indices);

/// clear_indices removes from the TPM what the folder's list of indices names; a sentence for each
/// that is not there. tpm::Error(auth_failed) when the owner's authorisation is wrong.
std::vector<std::string> clear_indices(tpm::Tpm& tpm, const Folder& folder, ByteView owner_auth);

/// sweep finishes what an interrupted create or destroy left behind.
void sweep(const Store& store, tpm::Tpm& tpm, ByteView owner_auth);
/// sweep_locked does so for who holds the store's lock already.
void sweep_locked(const Store& store, tpm::Tpm& tpm, ByteView owner_auth);

} // namespace tpmvsc::card
