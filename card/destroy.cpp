// SPDX-License-Identifier: Apache-2.0
#include "card/create.hpp"

#include "card/errors.hpp"
#include "card/indices_file.hpp"
#include "card/replaced.hpp"
#include "tpm/error.hpp"
#include "tpm/pin_index.hpp"
#include "tpm/tpm.hpp"

namespace tpmvsc::card {

void look_for_indices(tpm::Tpm& tpm, IndexStates& indices) {
    using Presence = IndexState::Presence;
    for (IndexState& index : indices)
        tpm.run([&](tpm::Connection& connection) {
            const auto name = tpm::current_name(connection, index.handle);
            index.presence = !name                      ? Presence::undefined
                             : equal(*name, index.name) ? Presence::there
                                                        : Presence::of_somebody_else;
        });
}

std::vector<std::string> clear_indices(tpm::Tpm& tpm, const Folder& folder, ByteView owner_auth) {
    std::vector<std::string> left;
    for (const IndexEntry& entry : IndicesFile::read(folder).entries) {
        bool removed = false;
        tpm.run([&](tpm::Connection& connection) {
            removed = tpm::remove_index(connection, entry.handle, entry.name, owner_auth) ||
                      tpm::remove_index(connection, entry.handle, entry.unwritten_name, owner_auth);
        });
        if (!removed)
            left.push_back(
                "the card's " + entry.role +
                " index is not in this TPM: the TPM was cleared, or the card is from another");
    }
    return left;
}

namespace {

/// What cannot be read now may be read another time; what is damaged never tells any more.
bool is_lost(const StorageError& error) {
    return error.reason() == StorageError::Reason::damaged;
}

/// The card is gone, and its keys with it; what it has in the TPM is left to a sweep.
std::string put_off(const Store& store, const Folder& hidden, const std::exception& reason) {
    store.strip(hidden, IndicesFile::name);
    return "the card's PIN indices are still in the TPM, until a create, destroy or doctor finds "
           "it well: " +
           std::string(reason.what());
}

/// Clears TPM and folder of a hidden card. A wrong owner authorisation throws, and nothing has
/// happened.
std::vector<std::string> clear(const Store& store, tpm::Tpm& tpm, const Folder& hidden,
                               ByteView owner_auth) {
    std::vector<std::string> left;
    try {
        left = clear_indices(tpm, hidden, owner_auth);
    } catch (const tpm::Error& error) {
        if (error.fault() == tpm::Fault::auth_failed)
            throw;
        return {put_off(store, hidden, error)};
    } catch (const StorageError& error) {
        if (!is_lost(error))
            return {put_off(store, hidden, error)};
        left.emplace_back(error.what());
    }
    store.erase(hidden);
    return left;
}

} // namespace

std::vector<std::string> destroy(const Store& store, tpm::Tpm& tpm, const std::string& folder,
                                 ByteView owner_auth) {
    tpm.close(); // a driver in the middle of a reset holds the lock and needs the TPM
    const Store::Lock lock(store);
    bury_replaced(store); // what this card has replaced must not come back without it
    const Folder hidden = store.begin_destroy(folder);
    try {
        return clear(store, tpm, hidden, owner_auth);
    } catch (const tpm::Error&) { // so the card comes back
        store.undo_destroy(hidden, folder);
        throw;
    }
}

std::vector<std::string> clear_replaced(const Store& store, tpm::Tpm& tpm,
                                        const std::string& folder, ByteView owner_auth) {
    try {
        store.sync(); // a power cut must not bring back the old card without its indices
        return clear(store, tpm, store.begin_destroy(folder), owner_auth);
    } catch (const std::exception& error) {
        return {"the old card's indices are still in the TPM, until a create, destroy or doctor "
                "clears them away: " +
                std::string(error.what())};
    }
}

void sweep(const Store& store, tpm::Tpm& tpm, ByteView owner_auth) {
    tpm.close();
    const Store::Lock lock(store);
    sweep_locked(store, tpm, owner_auth);
}

void sweep_locked(const Store& store, tpm::Tpm& tpm, ByteView owner_auth) {
    if (store.leftovers().empty())
        return;
    // A card that a power cut may still bring back must not lose its indices before.
    store.sync();
    bury_replaced(store);
    for (const Folder& hidden : store.leftovers()) {
        try {
            clear_indices(tpm, hidden, owner_auth);
        } catch (const StorageError& error) {
            if (!is_lost(error))
                throw;
        }
        store.erase(hidden);
    }
}

} // namespace tpmvsc::card
