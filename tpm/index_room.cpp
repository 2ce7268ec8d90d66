// SPDX-License-Identifier: Apache-2.0
#include "tpm/index_room.hpp"

#include "base/crypto.hpp"
#include "tpm/handles.hpp"
#include "tpm/nv.hpp"
#include "tpm/owner.hpp"
#include "tpm/tpm2b.hpp"

#include <vector>

namespace tpmvsc::tpm {

namespace {

constexpr std::uint32_t first_index = 0x01800000;
constexpr std::uint16_t card_index_bytes = 8;

/// A trial index is known by its policy, which nothing satisfies.
Bytes trial_policy() {
    return crypto::sha256({as_bytes("tpmvsc trial index")});
}

TPMS_NV_PUBLIC trial_index(std::uint32_t handle) {
    TPMS_NV_PUBLIC area{};
    area.nvIndex = handle;
    area.nameAlg = TPM2_ALG_SHA256;
    area.attributes = TPMA_NV_POLICYWRITE | TPMA_NV_POLICYREAD | TPMA_NV_NO_DA;
    area.authPolicy = to_tpm2b<TPM2B_DIGEST>(trial_policy());
    area.dataSize = card_index_bytes;
    return area;
}

/// False when the TPM has no room for it.
bool define_trial(Connection& connection, ByteView owner_auth, const Parent* salt_key) {
    const TPM2B_AUTH no_auth{};
    TPM2B_NV_PUBLIC public_area{};
    public_area.nvPublic = trial_index(free_index(connection));
    try {
        as_owner(connection, owner_auth, salt_key, [&](const Authorization& owner) {
            connection.executor().run({.name = "TPM2_NV_DefineSpace",
                                       .code = TPM2_CC_NV_DefineSpace,
                                       .names = {handle_name(TPM2_RH_OWNER)},
                                       .authorizations = {owner}},
                                      [&](TSS2_SYS_CONTEXT* sys) {
                                          return Tss2_Sys_NV_DefineSpace_Prepare(
                                              sys, TPM2_RH_OWNER, &no_auth, &public_area);
                                      });
        });
        return true;
    } catch (const Error& error) {
        if (error.code() == TPM2_RC_NV_SPACE)
            return false;
        throw;
    }
}

void remove_trials(Connection& connection, ByteView owner_auth) {
    const Bytes policy = trial_policy();
    for (const std::uint32_t handle : list_handles(connection, first_index, TPM2_HT_NV_INDEX)) {
        const auto there = read_nv_public(connection, handle);
        if (there && equal(view_of(there->area.authPolicy), policy))
            undefine_nv(connection, handle, there->name, owner_auth);
    }
}

} // namespace

std::size_t index_room(Connection& connection, ByteView owner_auth, const Parent* salt_key,
                       std::size_t most) {
    remove_trials(connection, owner_auth);
    std::size_t found = 0;
    try {
        while (found < most && define_trial(connection, owner_auth, salt_key))
            ++found;
    } catch (const Error&) {
        remove_trials(connection, owner_auth);
        throw;
    }
    remove_trials(connection, owner_auth);
    return found;
}

} // namespace tpmvsc::tpm
