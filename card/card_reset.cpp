// SPDX-License-Identifier: Apache-2.0
#include "card/card_state.hpp"
#include "card/construction.hpp"
#include "card/errors.hpp"
#include "card/well_known.hpp"

namespace tpmvsc::card {

namespace {

/// The same card again, as it was made with "default" for everything.
CreateOptions as_new(Card& card) {
    CreateOptions options = settings_of(card);
    options.pin = SecretBytes(as_bytes(well_known_value(PinKind::pin, options.profile)));
    if (card.reset_parties().puk)
        options.puk = SecretBytes(as_bytes(well_known_value(PinKind::puk, options.profile)));
    options.admin_key = SecretBytes(default_admin_key(options.admin_algorithm));
    return options;
}

/// Makes everything and puts it in the place of the folder `target`, or leaves nothing. False when
/// it is there and the disk does not confirm it.
bool build(Construction& construction, const Store& store, const std::string& target) {
    try {
        construction.run();
        return store.exchange(construction.folder(), target);
    } catch (...) {
        construction.abandon();
        throw;
    }
}

/// Says of a fault under way what a person can do about it, where that is known.
[[noreturn]] void explain(const tpm::Error& error, const std::string& card) {
    if (error.fault() != tpm::Fault::auth_failed)
        throw error;
    throw tpm::Error(error.fault(), error.code(),
                     "the card \"" + card +
                         "\" stays as it is: to make it as new takes the password of the TPM's "
                         "owner, which no card command can carry. Destroy it and create a new one "
                         "with tpmvsc, which asks for that password");
}

} // namespace

void Card::reset(const std::vector<std::pair<ObjectTag, Bytes>>& objects) {
    const Store store(state_->folder.path().substr(0, state_->folder.path().rfind('/')));
    CreateOptions options = as_new(*this);
    // Who creates or destroys a card now holds the lock and waits for the TPM: let it have it.
    state_->tpm.close();
    const Store::Lock lock(store);
    options.objects = objects;
    try {
        sweep_locked(store, state_->tpm, {}); // a reset that was interrupted is begun anew
        Construction construction(store, state_->tpm, std::move(options), identity());
        const bool confirmed = build(construction, store, state_->folder.path());
        // From here on the card is the new one; the hidden folder has the old, whose PIN index goes
        // now. If that fails it is logged, and the next creation, destruction or reset does it.
        state_ = std::make_unique<State>(state_->folder, state_->tpm, state_->pin_session,
                                         state_->clock);
        if (!confirmed) // a power cut may bring the old card back: a sweep has to make sure first
            throw StorageError(
                StorageError::Reason::damaged,
                state_->folder.path() +
                    " is reset, yet a power cut may take that back. Check the disk.");
        construction.abandon();
    } catch (const tpm::Error& error) {
        explain(error, identity().name);
    }
}

} // namespace tpmvsc::card
