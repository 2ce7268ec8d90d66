// SPDX-License-Identifier: Apache-2.0
#include "tpm/hierarchy_password.hpp"

#include "tpm/connection.hpp"
#include "tpm/session_crypto.hpp"
#include "tpm/tpm2b.hpp"

namespace tpmvsc::tpm {

void set_lockout_password(Connection& connection, const Parent& parent, ByteView password) {
    TPM2B_AUTH auth{};
    const WipeAtEnd wiper(auth);
    fill_tpm2b(auth, password);
    Session& session = connection.encryption_session(parent);
    connection.executor().run(
        {.name = "TPM2_HierarchyChangeAuth",
         .code = TPM2_CC_HierarchyChangeAuth,
         .names = {handle_name(TPM2_RH_LOCKOUT)},
         .authorizations = {Authorization{},
                            {.session = &session, .encryption = session_attribute::decrypt}},
         .never_twice = true},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_HierarchyChangeAuth_Prepare(sys, TPM2_RH_LOCKOUT, &auth);
        });
}

} // namespace tpmvsc::tpm
