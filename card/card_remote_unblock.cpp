// SPDX-License-Identifier: Apache-2.0
#include "card/card_state.hpp"

#include "base/log.hpp"
#include "card/errors.hpp"
#include "tpm/error.hpp"
#include "tpm/signed_reset.hpp"

namespace tpmvsc::card {

namespace {

using Result = PinOutcome::Result;

ResetKind kind_of(AdminAlgorithm algorithm) {
    switch (algorithm) {
    case AdminAlgorithm::tdes:
        return ResetKind::admin_tdes;
    case AdminAlgorithm::aes128:
        return ResetKind::admin_aes128;
    case AdminAlgorithm::aes192:
        return ResetKind::admin_aes192;
    case AdminAlgorithm::aes256:
        break;
    }
    return ResetKind::admin_aes256;
}

/// A challenge is given out again for so long. So no other program makes it void while somebody is
/// on the telephone.
constexpr std::chrono::minutes asked_again_limit{10};

/// True when the challenge was given in this run of the machine, at most `limit` ago.
bool is_within(std::chrono::seconds limit, const BootTime& begun, const BootTime& now) {
    return begun.run == now.run && begun.since <= now.since && now.since - begun.since <= limit;
}

} // namespace

std::optional<ResetChallenge> Card::begin_remote_unblock(ResetParty party) {
    const ResetParties parties = reset_parties();
    if (!(party == ResetParty::authority ? parties.authority : parties.admin_key))
        return std::nullopt;
    const auto before = RemoteUnblockRecord::read(state_->files());
    const bool by_authority = party == ResetParty::authority;
    RemoteUnblockRecord pending;
    pending.kind = by_authority ? ResetKind::authority : kind_of(admin_key().algorithm());
    pending.begun = state_->clock();
    if (before && before->kind == pending.kind && by_authority &&
        is_within(asked_again_limit, before->begun, pending.begun))
        return pending_remote_unblock();
    if (by_authority)
        state_->with_tpm([&](tpm::Connection& connection) {
            pending.session = tpm::begin_signed_reset(connection, state_->parent);
        });
    pending.challenge =
        by_authority ? pending.session.nonce : admin_key().challenge(AdminProof::spoken);
    const auto drop = [&](const RemoteUnblockRecord& record) {
        if (record.kind == ResetKind::authority)
            state_->with_tpm([&](tpm::Connection& c) { tpm::drop_session(c, record.session); });
    };
    try {
        pending.write(state_->files());
    } catch (const StorageError&) {
        drop(pending);
        throw;
    }
    if (before)
        drop(*before);
    return ResetChallenge{pending.kind, identity().serial, pending.challenge};
}

std::optional<ResetChallenge> Card::pending_remote_unblock() {
    const auto pending = RemoteUnblockRecord::read(state_->files());
    if (!pending)
        return std::nullopt;
    return ResetChallenge{pending->kind, identity().serial, pending->challenge};
}

PinOutcome Card::finish_remote_unblock(ByteView answer, ByteView new_pin) {
    auto pending = RemoteUnblockRecord::read(state_->files());
    if (!pending)
        return {Result::absent, 0};
    if (!state_->takes(PinKind::pin, new_pin))
        return {Result::refused, 0};
    const PinOutcome outcome = pending->kind == ResetKind::authority
                                   ? state_->reset_by_authority(*pending, answer, new_pin)
                                   : reset_by_admin_answer(*pending, answer, new_pin);
    // Refused by the history: the answer was right, so it is spent.
    if (outcome.right() || outcome.result == Result::absent || outcome.result == Result::refused)
        state_->forget_remote_unblock();
    return outcome;
}

void Card::State::settle_remote_unblock() {
    try {
        const auto pending = RemoteUnblockRecord::read(files());
        if (!pending)
            return;
        if (pending->granted) {
            use_up_grant();
            forget_remote_unblock();
        } else if (pending->kind == ResetKind::authority &&
                   !is_within(std::chrono::seconds(reset_answer_life), pending->begun, clock())) {
            with_tpm([&](tpm::Connection& c) { tpm::drop_session(c, pending->session); });
            forget_remote_unblock();
        }
    } catch (const std::exception& error) { // the card is of use without it
        log(LogLevel::error,
            std::string("a help desk's challenge is not cleared away: ") + error.what());
    }
}

/// It is spent in the TPM, so that a file which cannot be removed opens nothing.
void Card::State::forget_remote_unblock() {
    try {
        files().remove(RemoteUnblockRecord::file);
    } catch (const StorageError& error) {
        log(LogLevel::error, std::string("an answered challenge stays on disk: ") + error.what());
    }
}

/// The challenge is void when it is not the present one: the key was changed, or it was answered.
PinOutcome Card::reset_by_admin_answer(const RemoteUnblockRecord& pending, ByteView answer,
                                       ByteView new_pin) {
    if (!reset_parties().admin_key || pending.kind != kind_of(admin_key().algorithm()) ||
        pending.challenge != admin_key().challenge(AdminProof::spoken))
        return {Result::absent, 0};
    if (admin_key().locked_for() > std::chrono::seconds(0))
        return {Result::locked, 0};
    const auto session = admin_key().check(AdminProof::spoken, pending.challenge, answer);
    if (!session)
        return {Result::wrong, 0};
    state_->retire_spoken_answer(admin_key(), *session);
    return reset_pin_by_admin(*session, new_pin);
}

/// It was heard by whoever was near: a copy of the card's folder must not open by it either. Where
/// that fails, it is no reason to refuse the rightful user.
void Card::State::retire_spoken_answer(AdminKey& key, const AdminSession& session) {
    try {
        key.retire_challenges(session);
    } catch (const std::exception& error) {
        log(LogLevel::error,
            std::string("answers to the admin key's challenges stay good in copies of the card's "
                        "folder: ") +
                error.what());
    }
}

} // namespace tpmvsc::card
