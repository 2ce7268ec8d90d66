// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "tpm/pin_index.hpp"
#include "tpm/signer.hpp"

namespace tpmvsc::tpm {

/// A PIN can be set by who signs the TPM's own challenge with a key that is elsewhere.
///
/// An index whose wrong tries count is unblocked by two commands, and a signature is good for one.
/// So the signature is for writing a *grant*: an index of type PIN_PASS, used up from the start,
/// that becomes usable `limit` times. It stands in the policy of the PIN's index as a PUK does.
/// What is written, where, and in whose name stands in the grant's own policy (PolicySigned,
/// PolicyCpHash): nobody can grant more. An ordinary index has no count to be reset, so there the
/// signature is for the one command that sets the new value.

/// WaitingSession is a policy session that waits outside the TPM until its nonce is signed. The TPM
/// knows it until it is used or dropped, or the TPM restarts.
struct WaitingSession {
    Bytes nonce;   ///< 16 bytes: the challenge
    Bytes context; ///< TPMS_CONTEXT, marshalled
    SecretBytes key;
};

/// begin_signed_reset makes one.
WaitingSession begin_signed_reset(Connection& connection, const Parent& parent);
/// drop_session makes the TPM forget it, if it has it still. (Its handle alone says nothing: after
/// a restart another session may have it.)
void drop_session(Connection& connection, const WaitingSession& session);

/// grant_policy is what has to be approved for `grant`: the signer, of `policy_ref`, may write
/// count zero and its limit.
Bytes grant_policy(const PinIndex& grant, ByteView signer_name, ByteView policy_ref);
/// direct_reset_policy is the branch of an ordinary index by which the signer may set its value.
Bytes direct_reset_policy(ByteView signer_name, ByteView policy_ref);

/// SignedAnswer is what came back for a WaitingSession.
struct SignedAnswer {
    const Signer& signer;
    ByteView policy_ref;
    std::uint32_t expiration = 0; ///< seconds from the challenge on
    ByteView signature;           ///< as Signer::signature() takes it
};

/// write_grant makes `grant` usable `limit` times. False when the TPM does not have the session any
/// more. It is spent in either case. Throws Error(policy_failed) for a signature that is not right,
/// and ticket_expired for one that came too late.
bool write_grant(Connection& connection, const PinIndex& grant, const WaitingSession& session,
                 const SignedAnswer& answer);
/// reset_by_signature sets the value of an ordinary index.
bool reset_by_signature(Connection& connection, const Parent& parent, const PinIndex& index,
                        const WaitingSession& session, const SignedAnswer& answer,
                        ByteView new_value);
/// use_up takes what is left of a grant. `value` is the grant's own.
void use_up(Connection& connection, const Parent& parent, const PinIndex& grant, ByteView value);

} // namespace tpmvsc::tpm
