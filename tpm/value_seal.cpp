// SPDX-License-Identifier: Apache-2.0
#include "tpm/value_seal.hpp"

#include "tpm/connection.hpp"
#include "tpm/create_object.hpp"
#include "tpm/key_template.hpp"
#include "tpm/objects.hpp"
#include "tpm/session_crypto.hpp"
#include "tpm/tpm2b.hpp"

namespace tpmvsc::tpm {

KeyBlob seal_by_value(Connection& connection, const Parent& parent, ByteView secret,
                      ByteView value) {
    TPM2B_PUBLIC made{};
    return create_object(connection, parent, seal_template({}),
                         {.auth_value = value, .data = secret}, made);
}

std::optional<SecretBytes> unseal_by_value(Connection& connection, const Parent& parent,
                                           const KeyBlob& blob, ByteView value) {
    const std::uint32_t handle = connection.load(parent, blob);
    Session& proof = connection.hmac_session(parent);
    TPM2B_SENSITIVE_DATA data{};
    try {
        connection.executor().run(
            {.name = "TPM2_Unseal",
             .code = TPM2_CC_Unseal,
             .names = {object_name(blob)},
             .authorizations = {{.session = &proof,
                                 .auth_value = value,
                                 .encryption = session_attribute::encrypt,
                                 .keep = false}}},
            [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_Unseal_Prepare(sys, handle); },
            [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_Unseal_Complete(sys, &data); });
    } catch (const Error& error) {
        if (error.fault() == Fault::auth_failed)
            return std::nullopt;
        throw;
    }
    connection.hmac_session_ended();
    SecretBytes secret(view_of(data));
    wipe({reinterpret_cast<std::uint8_t*>(&data), sizeof data});
    return secret;
}

} // namespace tpmvsc::tpm
