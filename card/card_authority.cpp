// SPDX-License-Identifier: Apache-2.0
#include "card/card_state.hpp"
#include "card/errors.hpp"
#include "tpm/error.hpp"
#include "tpm/signed_reset.hpp"

// A new PIN by the authority's signature.

namespace tpmvsc::card {

namespace {

using Result = PinOutcome::Result;

/// The key was looked at when the card was made.
crypto::VerifyingKey authority_of(const PinRecord& pins) {
    const auto key = crypto::VerifyingKey::parse(pins.reset_authority);
    if (!key)
        throw StorageError(StorageError::Reason::damaged,
                           "the card's file \"pins\" holds no right public key of an authority: "
                           "restore the card's folder from a backup, or destroy the card");
    return *key;
}

void demand(tpm::PinCheck check) {
    if (check != tpm::PinCheck::right)
        throw tpm::Error(tpm::Fault::protocol, 0,
                         "the TPM has taken the authority's signature and not what it allows");
}

/// True for an answer that came in time; the TPM refuses one that did not.
bool in_time(const std::function<bool()>& attempt) {
    try {
        return attempt();
    } catch (const tpm::Error& error) {
        if (error.fault() != tpm::Fault::ticket_expired)
            throw;
        return false;
    }
}

} // namespace

/// The host looks at the signature first, so that a slip of the tongue does not cost the challenge.
/// That decides nothing: the TPM looks for itself.
PinOutcome Card::State::reset_by_authority(RemoteUnblockRecord& pending, ByteView answer,
                                           ByteView new_pin) {
    const ResetChallenge challenge{pending.kind, identity_file.identity.serial, pending.challenge};
    const crypto::VerifyingKey key = authority_of(pins());
    if (!key.verify(signed_digest(challenge), answer))
        return {Result::wrong, 0};
    const tpm::Signer signer(key);
    const Bytes policy_ref = reset_policy_ref(challenge.serial);
    const tpm::SignedAnswer signed_answer{signer, policy_ref, reset_answer_life, answer};
    return pins().grant ? reset_by_grant(pending, signed_answer, new_pin)
                        : reset_directly(pending, signed_answer, new_pin);
}

/// What is granted is used up whatever happens: at once, or, where power fails in between, when the
/// card is opened next. The grant is written once, so a repeated connection does not lose it.
PinOutcome Card::State::reset_by_grant(RemoteUnblockRecord& pending,
                                       const tpm::SignedAnswer& answer, ByteView new_pin) {
    const tpm::PinIndex& grant = *pins().grant;
    const SecretBytes value = auth_value(pins().grant_value);
    const SecretBytes new_auth = auth_value(new_pin);
    pending.granted = true;
    pending.write(files());
    const bool granted = in_time([&] {
        bool written = false;
        with_tpm([&](tpm::Connection& c) {
            written = written || tpm::write_grant(c, grant, pending.session, answer);
        });
        return written;
    });
    if (!granted) {
        use_up_grant(); // the answer to its writing may have been lost
        return {Result::absent, 0};
    }
    const auto step = [&](tpm::Connection& c, tpm::Session& policy) {
        demand(tpm::satisfy_pin(c, parent, grant, value.view(), policy));
    };
    const auto set = [&](tpm::Connection& c) {
        demand(tpm::unblock_pin(c, parent, pins().pin, grant, value.view(), new_auth.view()));
    };
    try {
        const Result result = set_pin(new_pin, {step, set});
        use_up_grant();
        return {result, pins().pin.limit};
    } catch (...) {
        use_up_grant();
        throw;
    }
}

void Card::State::use_up_grant() {
    if (!pins().grant)
        return;
    const SecretBytes value = auth_value(pins().grant_value);
    with_tpm([&](tpm::Connection& c) { tpm::use_up(c, parent, *pins().grant, value.view()); });
}

/// Where the TPM's lockout counts, the signature is for the one command that sets the value.
/// Nothing opens the history by it.
PinOutcome Card::State::reset_directly(const RemoteUnblockRecord& pending,
                                       const tpm::SignedAnswer& answer, ByteView new_pin) {
    const SecretBytes new_auth = auth_value(new_pin);
    const auto former = announce_value(PinKind::pin, new_pin);
    login.reset();
    const bool done = in_time([&] {
        bool set = false;
        with_tpm([&](tpm::Connection& connection) {
            set = set || tpm::reset_by_signature(connection, parent, pins().pin, pending.session,
                                                 answer, new_auth.view());
        });
        return set;
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

} // namespace tpmvsc::card
