// SPDX-License-Identifier: Apache-2.0
#include "tpm/signed_reset.hpp"

#include "base/crypto.hpp"
#include "tpm/connection.hpp"
#include "tpm/nv.hpp"
#include "tpm/policy.hpp"
#include "tpm/policy_session.hpp"
#include "tpm/tpm2b.hpp"

#include <optional>

namespace tpmvsc::tpm {

namespace {

/// The one content that a signature puts into a grant.
Bytes granted(const PinIndex& grant) {
    return concat({big_endian32(0), big_endian32(grant.limit)});
}

/// cpHash of writing it: command code, the Names of both handles, data and offset (part 1 section
/// 18.7).
Bytes write_hash(const PinIndex& grant) {
    const Bytes data = granted(grant);
    const Bytes parameters =
        concat({big_endian16(static_cast<std::uint16_t>(data.size())), data, big_endian16(0)});
    return crypto::sha256({big_endian32(TPM2_CC_NV_Write), grant.name, grant.name, parameters});
}

/// The TPM's ways of saying that a saved session is none of this run's.
bool is_gone(Fault fault) {
    return fault == Fault::handle_gone || fault == Fault::foreign || fault == Fault::bad_input;
}

/// The session back in the TPM; nothing when that does not have it any more.
std::optional<Session> load(Connection& connection, const WaitingSession& waiting) {
    const auto context = unmarshal<TPMS_CONTEXT>(Tss2_MU_TPMS_CONTEXT_Unmarshal, waiting.context);
    TPM2_HANDLE handle = 0;
    try {
        connection.executor().run(
            {.name = "TPM2_ContextLoad", .code = TPM2_CC_ContextLoad},
            [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_ContextLoad_Prepare(sys, &context); },
            [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_ContextLoad_Complete(sys, &handle); });
    } catch (const Error& error) {
        if (!is_gone(error.fault()))
            throw;
        return std::nullopt;
    }
    return Session(handle, waiting.key.clone(), waiting.nonce);
}

/// PolicySigned on the session.
void satisfy_signer(Connection& connection, const Session& session, const SignedAnswer& answer) {
    const TransientObject key(connection, answer.signer.load(connection));
    policy_signed(connection, session, key.handle(), answer.signer.signature(answer.signature),
                  {answer.policy_ref, answer.expiration});
}

} // namespace

WaitingSession begin_signed_reset(Connection& connection, const Parent& parent) {
    const Session session = connection.waiting_session(parent);
    TransientObject until_saved(connection, session.handle());
    TPMS_CONTEXT context{};
    connection.executor().run(
        {.name = "TPM2_ContextSave", .code = TPM2_CC_ContextSave},
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_ContextSave_Prepare(sys, session.handle()); },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_ContextSave_Complete(sys, &context); });
    until_saved.release();
    return {session.nonce_tpm(), marshal(Tss2_MU_TPMS_CONTEXT_Marshal, context),
            SecretBytes(session.key())};
}

void drop_session(Connection& connection, const WaitingSession& session) {
    if (const auto loaded = load(connection, session))
        connection.flush(loaded->handle());
}

Bytes grant_policy(const PinIndex& grant, ByteView signer_name, ByteView policy_ref) {
    return policy::cp_hash(policy::signed_by(policy::start(), signer_name, policy_ref),
                           write_hash(grant));
}

Bytes direct_reset_policy(ByteView signer_name, ByteView policy_ref) {
    return policy::command_code(policy::signed_by(policy::start(), signer_name, policy_ref),
                                TPM2_CC_NV_ChangeAuth);
}

bool write_grant(Connection& connection, const PinIndex& grant, const WaitingSession& waiting,
                 const SignedAnswer& answer) {
    auto session = load(connection, waiting);
    if (!session)
        return false;
    const TransientObject at_end(connection, session->handle());
    satisfy_signer(connection, *session, answer);
    policy_cp_hash(connection, *session, write_hash(grant));
    policy_authorize(connection, *session, grant.grant.policy, grant.creator_name,
                     grant.grant.ticket);
    policy_or(connection, *session, grant.branches);
    NvPublic written{};
    written.area.nvIndex = grant.handle;
    written.name = grant.name;
    write_nv(connection, *session, written, granted(grant));
    return true;
}

bool reset_by_signature(Connection& connection, const Parent& parent, const PinIndex& index,
                        const WaitingSession& waiting, const SignedAnswer& answer,
                        ByteView new_value) {
    auto session = load(connection, waiting);
    if (!session)
        return false;
    const TransientObject at_end(connection, session->handle());
    satisfy_signer(connection, *session, answer);
    policy_command_code(connection, *session, TPM2_CC_NV_ChangeAuth);
    policy_or(connection, *session, index.branches);
    change_value(connection, parent, index, *session, new_value);
    return true;
}

void use_up(Connection& connection, const Parent& parent, const PinIndex& grant, ByteView value) {
    constexpr std::chrono::seconds no_ticket{1};
    const PinCount count = read_count(connection, parent, grant);
    for (std::uint32_t used = count.used; used < count.limit; ++used)
        check_pin(connection, parent, grant, value, no_ticket, nullptr);
}

} // namespace tpmvsc::tpm
