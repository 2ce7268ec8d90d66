// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tpm/session.hpp"
#include "tpm/types.hpp"

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
/// `signature` is ECDSA over SHA-256 (r and s, 32 bytes each) by the loaded key, without expiry or
/// cpHash, over the session's current nonce.
void policy_signed(Connection& connection, const Session& session, std::uint32_t key_handle,
                   ByteView signature);
/// What policy_signed's signer has to sign.
Bytes signed_policy_digest(const Session& session);

} // namespace tpmvsc::tpm
