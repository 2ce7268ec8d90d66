// SPDX-License-Identifier: Apache-2.0
#include "tpm/pin_index.hpp"

#include "tpm/connection.hpp"
#include "tpm/nv.hpp"
#include "tpm/policy_session.hpp"
#include "tpm/session_crypto.hpp"
#include "tpm/tpm2b.hpp"

namespace tpmvsc::tpm {

namespace {

/// What comes after PolicySecret on the policy session.
enum class PolicySession {
    continues, ///< more policy commands, and the command they authorise
    ends,      ///< only the ticket is wanted: the session is left clean
};

Ticket to_ticket(const TPM2B_TIMEOUT& timeout, const TPMT_TK_AUTH& receipt) {
    return {to_bytes(view_of(timeout)), receipt.tag, receipt.hierarchy,
            to_bytes(view_of(receipt.digest))};
}

/// Fault to answer; a fault that is no answer is thrown on.
PinCheck answer(const Error& error) {
    switch (error.fault()) {
    case Fault::auth_failed:
        return PinCheck::wrong;
    case Fault::auth_blocked:
        return PinCheck::blocked;
    case Fault::locked_out:
        return PinCheck::locked;
    default:
        throw error;
    }
}

/// PolicySecret(index) on `policy`, authorised in a salted HMAC session of its own. For
/// PolicySession::ends the policy session goes with it as the response's encrypting session: that
/// rolls its nonce, by which the TPM resets its policy, so no restart is needed afterwards.
PinCheck policy_secret(Connection& connection, const Parent& parent, const PinIndex& index,
                       ByteView auth_value, Session& policy, PolicySession after, INT32 expiration,
                       Ticket* ticket) {
    Session& proof = connection.hmac_session(parent);
    const auto nonce = to_tpm2b<TPM2B_NONCE>(policy.nonce_tpm());
    const TPM2B_DIGEST no_cp_hash{};
    const TPM2B_NONCE no_policy_ref{};
    Call call{.name = "TPM2_PolicySecret",
              .code = TPM2_CC_PolicySecret,
              .names = {index.name, handle_name(policy.handle())},
              .authorizations = {{.session = &proof, .auth_value = auth_value, .keep = false}},
              .never_twice = true};
    if (after == PolicySession::ends)
        call.authorizations.push_back(
            {.session = &policy, .encryption = session_attribute::encrypt});
    TPM2B_TIMEOUT timeout{};
    TPMT_TK_AUTH receipt{};
    const WipeAtEnd wiper(receipt);
    try {
        connection.executor().run(
            call,
            [&](TSS2_SYS_CONTEXT* sys) {
                return Tss2_Sys_PolicySecret_Prepare(sys, index.handle, policy.handle(), &nonce,
                                                     &no_cp_hash, &no_policy_ref, expiration);
            },
            [&](TSS2_SYS_CONTEXT* sys) {
                return Tss2_Sys_PolicySecret_Complete(sys, &timeout, &receipt);
            });
    } catch (const Error& error) {
        return answer(error);
    }
    connection.hmac_session_ended();
    if (ticket != nullptr)
        *ticket = to_ticket(timeout, receipt);
    return PinCheck::right;
}

void approve(Connection& connection, const Session& session, const PinIndex& index,
             const PinIndex::Approval& approval) {
    policy_authorize(connection, session, approval.policy, index.creator_name, approval.ticket);
}

bool counts(const PinIndex& index) {
    return index.kind != PinIndexKind::ordinary;
}

/// Writes count zero and `limit` on a satisfied policy session.
void write_count(Connection& connection, Session& policy, const PinIndex& index,
                 std::uint32_t limit) {
    NvPublic written{};
    written.area.nvIndex = index.handle;
    written.name = index.name;
    write_nv(connection, policy, written, concat({big_endian32(0), big_endian32(limit)}));
}

/// The second half of unblocking, where the unblocker's branch is begun already.
void restore_tries(Connection& connection, Session& policy, const PinIndex& index) {
    policy_command_code(connection, policy, TPM2_CC_NV_Write);
    policy_or(connection, policy, index.branches);
    write_count(connection, policy, index, index.limit);
    connection.policy_used();
}

/// Satisfies the approval that wants the PIN, by ticket, and the authority.
Session& satisfy_both(Connection& connection, const Parent& parent, const PinIndex& pin,
                      const ManagedChange& change, const PinIndex& target,
                      const PinIndex::Approval& approval, std::uint32_t command_code) {
    Session& policy = connection.policy_session(parent);
    connection.policy_left_over();
    policy_ticket(connection, policy, change.pin_ticket, pin.name);
    policy_authority(connection, parent, policy, change.authority, change.authority_value);
    policy_command_code(connection, policy, command_code);
    approve(connection, policy, target, approval);
    policy_or(connection, policy, target.branches);
    return policy;
}

} // namespace

void change_value(Connection& connection, const Parent& parent, const PinIndex& index,
                  Session& policy, ByteView new_value) {
    Session& encryption = connection.hmac_session(parent);
    TPM2B_AUTH auth{};
    const WipeAtEnd wiper(auth);
    fill_tpm2b(auth, new_value);
    connection.executor().run({.name = "TPM2_NV_ChangeAuth",
                               .code = TPM2_CC_NV_ChangeAuth,
                               .names = {index.name},
                               .authorizations = {{.session = &policy},
                                                  {.session = &encryption,
                                                   .encryption = session_attribute::decrypt,
                                                   .keep = false}},
                               .never_twice = true},
                              [&](TSS2_SYS_CONTEXT* sys) {
                                  return Tss2_Sys_NV_ChangeAuth_Prepare(sys, index.handle, &auth);
                              });
    connection.hmac_session_ended();
}

PinCheck check_pin(Connection& connection, const Parent& parent, const PinIndex& index,
                   ByteView auth_value, std::chrono::seconds life, Ticket* ticket) {
    Session& policy = connection.policy_session(parent);
    // Negative: a ticket is wanted. Relative to the moment when the policy session's nonce last
    // rolled.
    const auto expiration = static_cast<INT32>(-(life + policy.age()).count());
    return policy_secret(connection, parent, index, auth_value, policy, PolicySession::ends,
                         expiration, ticket);
}

PinCheck satisfy_pin(Connection& connection, const Parent& parent, const PinIndex& index,
                     ByteView auth_value, Session& policy) {
    return policy_secret(connection, parent, index, auth_value, policy, PolicySession::continues, 0,
                         nullptr);
}

PinCheck change_pin(Connection& connection, const Parent& parent, const PinIndex& index,
                    ByteView old_value, ByteView new_value) {
    Session& policy = connection.policy_session(parent);
    const PinCheck check = policy_secret(connection, parent, index, old_value, policy,
                                         PolicySession::continues, 0, nullptr);
    if (check != PinCheck::right)
        return check;
    connection.policy_left_over();
    policy_command_code(connection, policy, TPM2_CC_NV_ChangeAuth);
    approve(connection, policy, index, index.change);
    policy_or(connection, policy, index.branches);
    change_value(connection, parent, index, policy, new_value);
    connection.policy_used();
    return PinCheck::right;
}

void change_pin(Connection& connection, const Parent& parent, const PinIndex& index,
                const Ticket& proof, ByteView new_value) {
    Session& policy = connection.policy_session(parent);
    connection.policy_left_over();
    policy_ticket(connection, policy, proof, index.name);
    policy_command_code(connection, policy, TPM2_CC_NV_ChangeAuth);
    approve(connection, policy, index, index.change);
    policy_or(connection, policy, index.branches);
    change_value(connection, parent, index, policy, new_value);
    connection.policy_used();
}

PinCheck unblock_pin(Connection& connection, const Parent& parent, const PinIndex& index,
                     const PinIndex& unblocker, ByteView unblocker_value, ByteView new_value) {
    Session& policy = connection.policy_session(parent);
    // An index that counts right values gives no ticket: it is asked for each of the two commands.
    const bool gives_ticket = unblocker.kind != PinIndexKind::pin_pass;
    // One minute for the second command is plenty, and short enough to be worth nothing later.
    const auto expiration =
        gives_ticket ? static_cast<INT32>(-(std::chrono::seconds(60) + policy.age()).count()) : 0;
    Ticket again;
    const auto prove = [&] {
        return policy_secret(connection, parent, unblocker, unblocker_value, policy,
                             PolicySession::continues, expiration, &again);
    };
    if (const PinCheck check = prove(); check != PinCheck::right)
        return check;
    connection.policy_left_over();
    policy_command_code(connection, policy, TPM2_CC_NV_ChangeAuth);
    policy_or(connection, policy, index.branches);
    change_value(connection, parent, index, policy, new_value);
    if (!counts(index)) {
        connection.policy_used();
        return PinCheck::right;
    }
    connection.policy_left_over();
    if (gives_ticket)
        policy_ticket(connection, policy, again, unblocker.name);
    else if (const PinCheck check = prove(); check != PinCheck::right)
        return check;
    restore_tries(connection, policy, index);
    return PinCheck::right;
}

void unblock_pin(Connection& connection, const Parent& parent, const PinIndex& index,
                 ByteView unblocker_name, const Ticket& proof, ByteView new_value) {
    Session& policy = connection.policy_session(parent);
    connection.policy_left_over();
    policy_ticket(connection, policy, proof, unblocker_name);
    policy_command_code(connection, policy, TPM2_CC_NV_ChangeAuth);
    policy_or(connection, policy, index.branches);
    change_value(connection, parent, index, policy, new_value);
    connection.policy_left_over();
    policy_ticket(connection, policy, proof, unblocker_name);
    restore_tries(connection, policy, index);
}

bool ticket_holds(Connection& connection, const Parent& parent, const PinIndex& index,
                  const Ticket& ticket) {
    Session& policy = connection.policy_session(parent);
    connection.policy_left_over();
    try {
        policy_ticket(connection, policy, ticket, index.name);
        return true;
    } catch (const Error& error) {
        if (error.fault() != Fault::ticket_expired && error.fault() != Fault::policy_failed)
            throw;
        return false;
    }
}

void unblock_pin(Connection& connection, const Parent& parent, const PinIndex& index,
                 const Authority& authority, ByteView authority_value, ByteView new_value) {
    const auto satisfy = [&](std::uint32_t command_code) -> Session& {
        Session& policy = connection.policy_session(parent);
        connection.policy_left_over();
        policy_authority(connection, parent, policy, authority, authority_value);
        policy_command_code(connection, policy, command_code);
        policy_or(connection, policy, index.branches);
        return policy;
    };
    change_value(connection, parent, index, satisfy(TPM2_CC_NV_ChangeAuth), new_value);
    connection.policy_used();
    if (!counts(index))
        return;
    write_count(connection, satisfy(TPM2_CC_NV_Write), index, index.limit);
    connection.policy_used();
}

void set_limits(Connection& connection, const Parent& parent, const PinIndex& pin,
                const PinIndex* puk, const ManagedChange& change) {
    if (puk != nullptr) {
        Session& value = satisfy_both(connection, parent, pin, change, *puk, puk->set_value,
                                      TPM2_CC_NV_ChangeAuth);
        change_value(connection, parent, *puk, value, change.puk_value);
        connection.policy_used();
        Session& limit =
            satisfy_both(connection, parent, pin, change, *puk, puk->set_limit, TPM2_CC_NV_Write);
        write_count(connection, limit, *puk, change.puk_limit);
        connection.policy_used();
    }
    Session& limit =
        satisfy_both(connection, parent, pin, change, pin, pin.set_limit, TPM2_CC_NV_Write);
    write_count(connection, limit, pin, change.pin_limit);
    connection.policy_used();
    change_pin(connection, parent, pin, change.pin_ticket, change.pin_value);
}

Bytes public_area(Connection& connection, const PinIndex& index) {
    const auto there = read_nv_public(connection, index.handle);
    if (!there || there->name != index.name)
        throw Error(Fault::foreign, 0, "the PIN index is not in the TPM any more");
    return marshal(Tss2_MU_TPMS_NV_PUBLIC_Marshal, there->area);
}

PinCount read_count(Connection& connection, const Parent& parent, const PinIndex& index) {
    Session& policy = connection.policy_session(parent);
    connection.policy_left_over();
    policy_command_code(connection, policy, TPM2_CC_NV_Read);
    policy_or(connection, policy, index.branches);
    TPM2B_MAX_NV_BUFFER data{};
    connection.executor().run(
        {.name = "TPM2_NV_Read",
         .code = TPM2_CC_NV_Read,
         .names = {index.name, index.name},
         .authorizations = {{.session = &policy}}},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_NV_Read_Prepare(sys, index.handle, index.handle, 8, 0);
        },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_NV_Read_Complete(sys, &data); });
    connection.policy_used();
    const ByteView content = view_of(data);
    if (content.size() != 8)
        throw Error(Fault::protocol, 0, "a PIN index has a wrong size");
    return {static_cast<std::uint32_t>(read_big_endian(content.first(4))),
            static_cast<std::uint32_t>(read_big_endian(content.last(4)))};
}

} // namespace tpmvsc::tpm
