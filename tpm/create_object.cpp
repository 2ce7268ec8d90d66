// SPDX-License-Identifier: Apache-2.0
#include "tpm/create_object.hpp"

#include "tpm/connection.hpp"
#include "tpm/session_crypto.hpp"
#include "tpm/tpm2b.hpp"

namespace tpmvsc::tpm {

KeyBlob create_object(Connection& connection, const Parent& parent, const TPM2B_PUBLIC& in_public,
                      const Sensitive& content, TPM2B_PUBLIC& out_public) {
    TPM2B_SENSITIVE_CREATE sensitive{};
    const WipeAtEnd wiper(sensitive);
    fill_tpm2b(sensitive.sensitive.userAuth, content.auth_value);
    fill_tpm2b(sensitive.sensitive.data, content.data);
    const TPM2B_DATA outside_info{};
    const TPML_PCR_SELECTION creation_pcr{};
    Session& session = connection.encryption_session(parent);
    connection.unload(); // room for the new object beside none of ours
    TPM2B_PRIVATE out_private{};
    connection.executor().run(
        {.name = "TPM2_Create",
         .code = TPM2_CC_Create,
         .names = {parent.name},
         .authorizations = {Authorization{},
                            {.session = &session, .encryption = session_attribute::decrypt}}},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_Create_Prepare(sys, parent.handle, &sensitive, &in_public,
                                           &outside_info, &creation_pcr);
        },
        [&](TSS2_SYS_CONTEXT* sys) {
            TPM2B_CREATION_DATA creation_data{};
            TPM2B_DIGEST creation_hash{};
            TPMT_TK_CREATION creation_ticket{};
            return Tss2_Sys_Create_Complete(sys, &out_private, &out_public, &creation_data,
                                            &creation_hash, &creation_ticket);
        });
    return {marshal(Tss2_MU_TPM2B_PUBLIC_Marshal, out_public),
            marshal(Tss2_MU_TPM2B_PRIVATE_Marshal, out_private)};
}

} // namespace tpmvsc::tpm
