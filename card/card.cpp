// SPDX-License-Identifier: Apache-2.0
#include "card/card.hpp"

#include "base/crypto.hpp"
#include "card/card_state.hpp"
#include "card/errors.hpp"
#include "card/indices_file.hpp"
#include "card/sealed_admin_key.hpp"
#include "tpm/parent.hpp"

namespace tpmvsc::card {

Card::Card(std::unique_ptr<State> state) : state_(std::move(state)) {}
Card::~Card() = default;

std::unique_ptr<Card> Card::open(const std::string& folder, tpm::Tpm& tpm,
                                 std::chrono::seconds pin_session, BootClock clock) {
    return std::unique_ptr<Card>(
        new Card(std::make_unique<State>(Folder(folder), tpm, pin_session, std::move(clock))));
}

const Identity& Card::identity() const {
    return state_->identity_file.identity;
}

AdminKey& Card::admin_key() {
    if (!state_->admin_key)
        state_->admin_key = std::make_unique<SealedAdminKey>(
            state_->files(), state_->parent, state_->tpm_runner(),
            WrongAnswers(state_->files(), state_->clock, identity().name), identity().serial);
    return *state_->admin_key;
}

Bytes Card::random(std::size_t size) {
    Bytes result;
    state_->with_tpm([&](tpm::Connection& connection) {
        result = to_bytes(tpm::random(connection, state_->parent, size).view());
    });
    return result;
}

void Card::power_off() {
    logout();
}

const SealedFiles& Card::State::files() {
    if (!opened_files) {
        const Anchor& anchor = identity_file.anchor;
        const tpm::KeyBlob sealed{anchor.card_key_public, anchor.card_key_private};
        const Bytes name = tpm::object_name(sealed);
        SecretBytes card_key;
        with_tpm([&](tpm::Connection& connection) {
            card_key = tpm::unseal(connection, {parent, sealed, name});
        });
        opened_files.emplace(folder, std::move(card_key), identity_file.binding);
        settle_remote_unblock();
    }
    return *opened_files;
}

void Card::State::with_tpm(const std::function<void(tpm::Connection&)>& work) {
    try {
        tpm.run(work);
    } catch (const tpm::Error& error) {
        forget_tries();
        switch (error.fault()) {
        case tpm::Fault::handle_gone:
        case tpm::Fault::auth_failed:
        case tpm::Fault::bad_input:
        case tpm::Fault::foreign:
        case tpm::Fault::protocol:
            throw_if_foreign();
            throw;
        default:
            throw;
        }
    }
}

/// Compares what the card was made with and what the TPM has now: the parent key and the PIN
/// indices, by their Names.
void Card::State::throw_if_foreign() {
    const std::string card = "the card \"" + identity_file.identity.name + "\" ";
    const std::string lost = "; its keys cannot be used here. If the TPM was cleared they are "
                             "lost: destroy the card and "
                             "create a new one";
    tpm.run([&](tpm::Connection& connection) {
        const auto there = tpm::read_parent(connection, parent.handle);
        if (!there || there->name != parent.name)
            throw ForeignTpmError(card +
                                  "was made in another TPM, or this TPM has been cleared: its "
                                  "parent key is not there" +
                                  lost);
        for (const IndexEntry& entry : IndicesFile::read(folder).entries) {
            const auto name = tpm::current_name(connection, entry.handle);
            if (!name || *name != entry.name)
                throw ForeignTpmError(
                    card + "has lost its " + entry.role +
                    " in the TPM: somebody has removed or redefined the NV index" + lost);
        }
    });
}

SecretBytes Card::State::auth_value(ByteView pin) {
    return crypto::sha256_secret({pins().salt, pin});
}

} // namespace tpmvsc::card
