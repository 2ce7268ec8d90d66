// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"
#include "card/card_state.hpp"
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

/// The key was looked at when the card was made.
crypto::VerifyingKey authority_of(const PinRecord& pins) {
    const auto key = crypto::VerifyingKey::parse(pins.reset_authority);
    if (!key)
        throw StorageError(StorageError::Reason::damaged,
                           "the card's file \"pins\" holds no right public key of an authority: "
                           "restore the card's folder from a backup, or destroy the card");
    return *key;
}

} // namespace

std::optional<ResetChallenge> Card::begin_remote_unblock(ResetParty party) {
    const ResetParties parties = reset_parties();
    if (!(party == ResetParty::authority ? parties.authority : parties.admin_key))
        return std::nullopt;
    const auto before = RemoteUnblockRecord::read(state_->files());
    RemoteUnblockRecord pending;
    if (party == ResetParty::admin_key) {
        pending.kind = kind_of(admin_key().algorithm());
        pending.challenge = admin_key().challenge(AdminProof::encrypts);
    }
    state_->with_tpm([&](tpm::Connection& connection) {
        if (before && before->kind == ResetKind::authority)
            tpm::drop_session(connection, before->session);
        if (party == ResetParty::authority)
            pending.session = tpm::begin_signed_reset(connection, state_->parent);
    });
    if (party == ResetParty::authority)
        pending.challenge = pending.session.nonce;
    try {
        pending.write(state_->files());
    } catch (const StorageError&) {
        if (party == ResetParty::authority)
            state_->with_tpm([&](tpm::Connection& c) { tpm::drop_session(c, pending.session); });
        throw;
    }
    return ResetChallenge{pending.kind, identity().serial, pending.challenge};
}

std::optional<ResetChallenge> Card::pending_remote_unblock() {
    const auto pending = RemoteUnblockRecord::read(state_->files());
    if (!pending)
        return std::nullopt;
    return ResetChallenge{pending->kind, identity().serial, pending->challenge};
}

PinOutcome Card::finish_remote_unblock(ByteView answer, ByteView new_pin) {
    const auto pending = RemoteUnblockRecord::read(state_->files());
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

/// It is spent in the TPM, so that a file which cannot be removed opens nothing.
void Card::State::forget_remote_unblock() {
    try {
        files().remove(RemoteUnblockRecord::file);
    } catch (const StorageError& error) {
        log(LogLevel::error, std::string("an answered challenge stays on disk: ") + error.what());
    }
}

PinOutcome Card::reset_by_admin_answer(const RemoteUnblockRecord& pending, ByteView answer,
                                       ByteView new_pin) {
    if (!reset_parties().admin_key || pending.kind != kind_of(admin_key().algorithm()))
        return {Result::absent, 0};
    if (admin_key().locked_for() > std::chrono::seconds(0))
        return {Result::locked, 0};
    const auto session = admin_key().check(AdminProof::encrypts, pending.challenge, answer);
    if (!session)
        return {Result::wrong, 0};
    const PinOutcome outcome = reset_pin_by_admin(*session, new_pin);
    state_->retire_spoken_answer(admin_key(), *session);
    return outcome;
}

/// It was heard by whoever was near: a copy of the card's folder must not open by it either.
void Card::State::retire_spoken_answer(AdminKey& key, const AdminSession& session) {
    try {
        key.retire_challenges(session);
    } catch (const StorageError& error) {
        log(LogLevel::error,
            std::string("answers to the admin key's challenges stay good in copies of the card's "
                        "folder: ") +
                error.what());
    }
}

/// The host looks at the signature first, so that a slip of the tongue does not cost the challenge.
/// That decides nothing: the TPM looks for itself.
PinOutcome Card::State::reset_by_authority(const RemoteUnblockRecord& pending, ByteView answer,
                                           ByteView new_pin) {
    const ResetChallenge challenge{pending.kind, identity_file.identity.serial, pending.challenge};
    const crypto::VerifyingKey key = authority_of(pins());
    if (!key.verify(signed_digest(challenge), answer))
        return {Result::wrong, 0};
    const tpm::Signer signer(key);
    const Bytes policy_ref = reset_policy_ref(challenge.serial);
    const tpm::SignedAnswer signed_answer{signer, policy_ref, answer};
    if (pins().grant && rules().history != 0)
        return reset_by_grant_remembered(pending.session, signed_answer, new_pin);
    const SecretBytes new_auth = auth_value(new_pin);
    const auto former = announce_value(PinKind::pin, new_pin);
    login.reset();
    bool done = false;
    with_tpm([&](tpm::Connection& connection) {
        done = pins().grant
                   ? set_by_grant(connection, pending.session, signed_answer, new_auth.view())
                   : tpm::reset_by_signature(connection, parent, pins().pin, pending.session,
                                             signed_answer, new_auth.view());
    });
    if (!done) {
        withdraw_value(former);
        return {Result::absent, 0};
    }
    forget_tries();
    note_value(PinKind::pin, new_pin);
    if (rules().history != 0)
        begin_history_with(new_pin);
    return {Result::right, pins().pin.limit};
}

/// What is granted is used up whatever happens.
PinOutcome Card::State::reset_by_grant_remembered(const tpm::WaitingSession& session,
                                                  const tpm::SignedAnswer& answer,
                                                  ByteView new_pin) {
    const tpm::PinIndex& grant = *pins().grant;
    const SecretBytes value = auth_value(pins().grant_value);
    const SecretBytes new_auth = auth_value(new_pin);
    bool granted = false;
    with_tpm([&](tpm::Connection& c) { granted = tpm::write_grant(c, grant, session, answer); });
    if (!granted)
        return {Result::absent, 0};
    const auto use_up = [&] {
        with_tpm([&](tpm::Connection& c) { tpm::use_up(c, parent, grant, value.view()); });
    };
    const auto demand = [](tpm::PinCheck check) {
        if (check != tpm::PinCheck::right)
            throw tpm::Error(tpm::Fault::protocol, 0,
                             "the TPM has taken the authority's signature and not what it allows");
    };
    const auto step = [&](tpm::Connection& c, tpm::Session& policy) {
        demand(tpm::satisfy_pin(c, parent, grant, value.view(), policy));
    };
    const auto set = [&](tpm::Connection& c) {
        demand(tpm::unblock_pin(c, parent, pins().pin, grant, value.view(), new_auth.view()));
    };
    try {
        const Result result = set_pin(new_pin, {step, set});
        use_up();
        return {result, pins().pin.limit};
    } catch (...) {
        use_up();
        throw;
    }
}

bool Card::State::set_by_grant(tpm::Connection& connection, const tpm::WaitingSession& session,
                               const tpm::SignedAnswer& answer, ByteView new_auth) {
    const tpm::PinIndex& grant = *pins().grant;
    const SecretBytes value = auth_value(pins().grant_value);
    if (!tpm::write_grant(connection, grant, session, answer))
        return false;
    const tpm::PinCheck check =
        tpm::unblock_pin(connection, parent, pins().pin, grant, value.view(), new_auth);
    tpm::use_up(connection, parent, grant, value.view());
    if (check != tpm::PinCheck::right)
        throw tpm::Error(tpm::Fault::protocol, 0,
                         "the TPM has taken the authority's signature and not what it allows");
    return true;
}

} // namespace tpmvsc::card
