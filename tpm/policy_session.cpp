// SPDX-License-Identifier: Apache-2.0
#include "tpm/policy_session.hpp"

#include "base/crypto.hpp"
#include "tpm/connection.hpp"
#include "tpm/tpm2b.hpp"

namespace tpmvsc::tpm {

void policy_ticket(Connection& connection, const Session& session, const Ticket& ticket,
                   ByteView entity_name) {
    const auto timeout = to_tpm2b<TPM2B_TIMEOUT>(ticket.timeout);
    const TPM2B_DIGEST no_cp_hash{};
    const TPM2B_NONCE no_policy_ref{};
    const auto name = to_tpm2b_name(entity_name);
    TPMT_TK_AUTH receipt{};
    const WipeAtEnd wiper(receipt);
    receipt.tag = ticket.tag;
    receipt.hierarchy = ticket.hierarchy;
    fill_tpm2b(receipt.digest, ticket.digest);
    connection.executor().run(
        {.name = "TPM2_PolicyTicket", .code = TPM2_CC_PolicyTicket}, [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_PolicyTicket_Prepare(sys, session.handle(), &timeout, &no_cp_hash,
                                                 &no_policy_ref, &name, &receipt);
        });
}

void policy_command_code(Connection& connection, const Session& session,
                         std::uint32_t command_code) {
    connection.executor().run({.name = "TPM2_PolicyCommandCode", .code = TPM2_CC_PolicyCommandCode},
                              [&](TSS2_SYS_CONTEXT* sys) {
                                  return Tss2_Sys_PolicyCommandCode_Prepare(sys, session.handle(),
                                                                            command_code);
                              });
}

void policy_or(Connection& connection, const Session& session, std::span<const Bytes> branches) {
    TPML_DIGEST list{};
    for (const Bytes& branch : branches)
        list.digests[list.count++] = to_tpm2b<TPM2B_DIGEST>(branch);
    connection.executor().run({.name = "TPM2_PolicyOR", .code = TPM2_CC_PolicyOR},
                              [&](TSS2_SYS_CONTEXT* sys) {
                                  return Tss2_Sys_PolicyOR_Prepare(sys, session.handle(), &list);
                              });
}

void policy_nv_written(Connection& connection, const Session& session, bool written) {
    connection.executor().run({.name = "TPM2_PolicyNvWritten", .code = TPM2_CC_PolicyNvWritten},
                              [&](TSS2_SYS_CONTEXT* sys) {
                                  return Tss2_Sys_PolicyNvWritten_Prepare(
                                      sys, session.handle(), written ? TPM2_YES : TPM2_NO);
                              });
}

Bytes signed_policy_digest(const Session& session) {
    const Bytes no_expiration = big_endian32(0);
    return crypto::sha256({session.nonce_tpm(), no_expiration});
}

void policy_signed(Connection& connection, const Session& session, std::uint32_t key_handle,
                   const TPMT_SIGNATURE& signature, const SignedTerms& terms) {
    const auto nonce = to_tpm2b<TPM2B_NONCE>(session.nonce_tpm());
    const TPM2B_DIGEST no_cp_hash{};
    const auto reference = to_tpm2b<TPM2B_NONCE>(terms.policy_ref);
    const auto expiration = static_cast<INT32>(terms.expiration);
    connection.executor().run(
        {.name = "TPM2_PolicySigned", .code = TPM2_CC_PolicySigned},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_PolicySigned_Prepare(sys, key_handle, session.handle(), &nonce,
                                                 &no_cp_hash, &reference, expiration, &signature);
        },
        [&](TSS2_SYS_CONTEXT* sys) {
            TPM2B_TIMEOUT timeout{};
            TPMT_TK_AUTH ticket{};
            return Tss2_Sys_PolicySigned_Complete(sys, &timeout, &ticket);
        });
}

void policy_cp_hash(Connection& connection, const Session& session, ByteView command_parameters) {
    const auto hash = to_tpm2b<TPM2B_DIGEST>(command_parameters);
    connection.executor().run(
        {.name = "TPM2_PolicyCpHash", .code = TPM2_CC_PolicyCpHash}, [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_PolicyCpHash_Prepare(sys, session.handle(), &hash);
        });
}

void policy_auth_value(Connection& connection, const Session& session) {
    connection.executor().run({.name = "TPM2_PolicyAuthValue", .code = TPM2_CC_PolicyAuthValue},
                              [&](TSS2_SYS_CONTEXT* sys) {
                                  return Tss2_Sys_PolicyAuthValue_Prepare(sys, session.handle());
                              });
}

void policy_authorize(Connection& connection, const Session& session, ByteView approved,
                      ByteView key_name, ByteView receipt) {
    const auto policy = to_tpm2b<TPM2B_DIGEST>(approved);
    const TPM2B_NONCE no_policy_ref{};
    const auto key = to_tpm2b_name(key_name);
    const auto ticket = unmarshal<TPMT_TK_VERIFIED>(Tss2_MU_TPMT_TK_VERIFIED_Unmarshal, receipt);
    connection.executor().run({.name = "TPM2_PolicyAuthorize", .code = TPM2_CC_PolicyAuthorize},
                              [&](TSS2_SYS_CONTEXT* sys) {
                                  return Tss2_Sys_PolicyAuthorize_Prepare(sys, session.handle(),
                                                                          &policy, &no_policy_ref,
                                                                          &key, &ticket);
                              });
}

} // namespace tpmvsc::tpm
