// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tpm/session.hpp"
#include "tpm/types.hpp"

#include <tss2/tss2_tpm2_types.h>

#include <cstdint>
#include <span>

namespace tpmvsc::tpm {

class Connection;

// The policy commands of part 3 chapter 23 that cards use, each one TPM command on an open policy
// session.

void policy_ticket(Connection& connection, const Session& session, const Ticket& ticket,
                   ByteView entity_name);
void policy_command_code(Connection& connection, const Session& session,
                         std::uint32_t command_code);
void policy_or(Connection& connection, const Session& session, std::span<const Bytes> branches);
void policy_nv_written(Connection& connection, const Session& session, bool written);
/// What a signer has fixed beside the session's nonce: the policyRef, and for how many seconds
/// after the nonce was made the signature is good (0: as long as the nonce is).
struct SignedTerms {
    ByteView policy_ref{};
    std::uint32_t expiration = 0;
};
/// `signature` is over SHA-256 by the loaded key, without cpHash.
void policy_signed(Connection& connection, const Session& session, std::uint32_t key_handle,
                   const TPMT_SIGNATURE& signature, const SignedTerms& terms = {});
/// What policy_signed's signer has to sign where the terms are empty.
Bytes signed_policy_digest(const Session& session);
/// Binds what follows to the one command of this cpHash.
void policy_cp_hash(Connection& connection, const Session& session, ByteView command_parameters);
/// The command that follows wants the object's authorisation value as well.
void policy_auth_value(Connection& connection, const Session& session);
/// Approves what the session has seen by the signature whose receipt (TPMT_TK_VERIFIED) is given.
void policy_authorize(Connection& connection, const Session& session, ByteView approved,
                      ByteView key_name, ByteView receipt);

} // namespace tpmvsc::tpm
