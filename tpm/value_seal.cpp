// SPDX-License-Identifier: Apache-2.0
#include "tpm/value_seal.hpp"

#include "tpm/connection.hpp"
#include "tpm/create_object.hpp"
#include "tpm/key_template.hpp"
#include "tpm/objects.hpp"
#include "tpm/policy.hpp"
#include "tpm/policy_session.hpp"
#include "tpm/session_crypto.hpp"
#include "tpm/tpm2b.hpp"

namespace tpmvsc::tpm {

KeyBlob seal_by_value(Connection& connection, const Parent& parent, ByteView secret, ByteView value,
                      const Epoch& epoch, std::uint64_t count) {
    TPM2B_PUBLIC area = seal_template({});
    // The policy is the one way in: no use by the value alone.
    area.publicArea.objectAttributes &= ~TPMA_OBJECT_USERWITHAUTH;
    area.publicArea.authPolicy =
        to_tpm2b<TPM2B_DIGEST>(policy::auth_value(epoch_policy(epoch, count)));
    TPM2B_PUBLIC made{};
    return create_object(connection, parent, area, {.auth_value = value, .data = secret}, made);
}

std::optional<SecretBytes> unseal_by_value(Connection& connection, const Parent& parent,
                                           const KeyBlob& blob, ByteView value, const Epoch& epoch,
                                           std::uint64_t count) {
    const std::uint32_t handle = connection.load(parent, blob);
    Session& policy = connection.policy_session(parent);
    connection.policy_left_over();
    policy_epoch(connection, parent, policy, epoch, count);
    policy_auth_value(connection, policy);
    TPM2B_SENSITIVE_DATA data{};
    const WipeAtEnd wiper(data);
    try {
        connection.executor().run(
            {.name = "TPM2_Unseal",
             .code = TPM2_CC_Unseal,
             .names = {object_name(blob)},
             .authorizations = {{.session = &policy,
                                 .auth_value = value,
                                 .encryption = session_attribute::encrypt}}},
            [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_Unseal_Prepare(sys, handle); },
            [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_Unseal_Complete(sys, &data); });
    } catch (const Error& error) {
        if (error.fault() == Fault::auth_failed)
            return std::nullopt;
        throw;
    }
    connection.policy_used();
    return SecretBytes(view_of(data));
}

} // namespace tpmvsc::tpm
