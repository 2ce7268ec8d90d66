// SPDX-License-Identifier: Apache-2.0
#include "tpm/authority.hpp"

#include "base/crypto.hpp"
#include "tpm/connection.hpp"
#include "tpm/create_object.hpp"
#include "tpm/key_template.hpp"
#include "tpm/objects.hpp"
#include "tpm/tpm2b.hpp"

namespace tpmvsc::tpm {

Authority create_authority(Connection& connection, const Parent& parent, ByteView auth_value) {
    // TPM2_Create wants some data in a sealed object; what it is does not matter.
    const Bytes filler = crypto::random_bytes(crypto::sha256_bytes);
    TPM2B_PUBLIC made{};
    Authority authority;
    authority.blob = create_object(connection, parent, seal_template({}),
                                   {.auth_value = auth_value, .data = filler}, made);
    authority.name = object_name(authority.blob);
    return authority;
}

void policy_authority(Connection& connection, const Parent& parent, const Session& policy,
                      const Authority& authority, ByteView auth_value) {
    const std::uint32_t handle = connection.load(parent, authority.blob);
    Session& proof = connection.hmac_session(parent);
    const TPM2B_NONCE no_nonce{};
    const TPM2B_DIGEST no_cp_hash{};
    connection.executor().run(
        {.name = "TPM2_PolicySecret",
         .code = TPM2_CC_PolicySecret,
         .names = {authority.name, handle_name(policy.handle())},
         .authorizations = {{.session = &proof, .auth_value = auth_value, .keep = false}}},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_PolicySecret_Prepare(sys, handle, policy.handle(), &no_nonce,
                                                 &no_cp_hash, &no_nonce, 0);
        });
    connection.hmac_session_ended();
}

} // namespace tpmvsc::tpm
