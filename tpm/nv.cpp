// SPDX-License-Identifier: Apache-2.0
#include "tpm/nv.hpp"

#include "base/crypto.hpp"
#include "tpm/handles.hpp"
#include "tpm/owner.hpp"
#include "tpm/session_crypto.hpp"
#include "tpm/tpm2b.hpp"

#include <algorithm>

namespace tpmvsc::tpm {

namespace {

/// The owner's part of the NV handle space (TCG registry of reserved TPM 2.0 handles, section 2.2).
constexpr std::uint32_t first_index = 0x01800000;
constexpr std::uint32_t last_index = 0x01BFFFFF;

} // namespace

Bytes nv_name(const TPMS_NV_PUBLIC& area) {
    return concat({big_endian16(area.nameAlg),
                   crypto::sha256({marshal(Tss2_MU_TPMS_NV_PUBLIC_Marshal, area)})});
}

std::optional<NvPublic> read_nv_public(Connection& connection, std::uint32_t handle) {
    TPM2B_NV_PUBLIC public_area{};
    try {
        connection.executor().run(
            {.name = "TPM2_NV_ReadPublic", .code = TPM2_CC_NV_ReadPublic},
            [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_NV_ReadPublic_Prepare(sys, handle); },
            [&](TSS2_SYS_CONTEXT* sys) {
                TPM2B_NAME name{};
                return Tss2_Sys_NV_ReadPublic_Complete(sys, &public_area, &name);
            });
    } catch (const Error& error) {
        if (error.fault() == Fault::handle_gone)
            return std::nullopt;
        throw;
    }
    return NvPublic{public_area.nvPublic, nv_name(public_area.nvPublic)};
}

void define_nv(Connection& connection, const Parent& parent, ByteView owner_auth,
               const TPMS_NV_PUBLIC& area, ByteView auth_value) {
    TPM2B_AUTH auth{};
    const WipeAtEnd wiper(auth);
    fill_tpm2b(auth, auth_value);
    TPM2B_NV_PUBLIC public_area{};
    public_area.nvPublic = area;
    Session& session = connection.encryption_session(parent);
    as_owner(connection, owner_auth, &parent, [&](const Authorization& owner) {
        connection.executor().run(
            {.name = "TPM2_NV_DefineSpace",
             .code = TPM2_CC_NV_DefineSpace,
             .names = {handle_name(TPM2_RH_OWNER)},
             .authorizations = {owner,
                                {.session = &session, .encryption = session_attribute::decrypt}}},
            [&](TSS2_SYS_CONTEXT* sys) {
                return Tss2_Sys_NV_DefineSpace_Prepare(sys, TPM2_RH_OWNER, &auth, &public_area);
            });
    });
}

void write_nv(Connection& connection, Session& policy_session, const NvPublic& index,
              ByteView contents) {
    const auto data = to_tpm2b<TPM2B_MAX_NV_BUFFER>(contents);
    connection.executor().run({.name = "TPM2_NV_Write",
                               .code = TPM2_CC_NV_Write,
                               .names = {index.name, index.name},
                               .authorizations = {{.session = &policy_session}}},
                              [&](TSS2_SYS_CONTEXT* sys) {
                                  return Tss2_Sys_NV_Write_Prepare(sys, index.area.nvIndex,
                                                                   index.area.nvIndex, &data, 0);
                              });
}

void undefine_nv(Connection& connection, std::uint32_t handle, ByteView name, ByteView owner_auth) {
    as_owner(connection, owner_auth, nullptr, [&](const Authorization& owner) {
        connection.executor().run({.name = "TPM2_NV_UndefineSpace",
                                   .code = TPM2_CC_NV_UndefineSpace,
                                   .names = {handle_name(TPM2_RH_OWNER), to_bytes(name)},
                                   .authorizations = {owner}},
                                  [&](TSS2_SYS_CONTEXT* sys) {
                                      return Tss2_Sys_NV_UndefineSpace_Prepare(sys, TPM2_RH_OWNER,
                                                                               handle);
                                  });
    });
}

std::uint32_t free_index(Connection& connection) {
    const auto taken = list_handles(connection, first_index, TPM2_HT_NV_INDEX);
    std::uint32_t handle = first_index;
    while (std::find(taken.begin(), taken.end(), handle) != taken.end())
        ++handle;
    if (handle > last_index)
        throw Error(Fault::no_space, 0, "no free NV index in the owner's range of the TPM");
    return handle;
}

void discard_index(Connection& connection, std::uint32_t handle, ByteView owner_auth) {
    try {
        const auto made = read_nv_public(connection, handle);
        if (made)
            undefine_nv(connection, handle, made->name, owner_auth);
    } catch (const Error&) { // NOLINT: the error under way says more
    }
}

} // namespace tpmvsc::tpm
