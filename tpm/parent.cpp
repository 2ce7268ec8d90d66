// SPDX-License-Identifier: Apache-2.0
#include "tpm/parent.hpp"

#include "base/crypto.hpp"
#include "tpm/capabilities.hpp"
#include "tpm/connection.hpp"
#include "tpm/handles.hpp"
#include "tpm/owner.hpp"
#include "tpm/primary_key.hpp"
#include "tpm/tpm2b.hpp"

#include <algorithm>

namespace tpmvsc::tpm {

namespace {

/// Owner objects live up to here; above is the platform's range (part 2 section 7.4 with the TCG
/// registry of reserved handles).
constexpr std::uint32_t last_owner_handle = 0x8100FFFF;

void make_persistent(Connection& connection, const Parent& transient, std::uint32_t persistent,
                     ByteView owner_auth) {
    as_owner(connection, owner_auth, &transient, [&](const Authorization& owner) {
        connection.executor().run({.name = "TPM2_EvictControl",
                                   .code = TPM2_CC_EvictControl,
                                   .names = {handle_name(TPM2_RH_OWNER), transient.name},
                                   .authorizations = {owner}},
                                  [&](TSS2_SYS_CONTEXT* sys) {
                                      return Tss2_Sys_EvictControl_Prepare(
                                          sys, TPM2_RH_OWNER, transient.handle, persistent);
                                  });
    });
}

std::uint32_t create_owner_primary(Connection& connection, ByteView owner_auth) {
    std::uint32_t handle = 0;
    as_owner(connection, owner_auth, nullptr, [&](const Authorization& owner) {
        handle = create_primary(connection, TPM2_RH_OWNER, owner);
    });
    return handle;
}

/// A key may look fit and yet not take a salt (keys made by Windows were seen to: 0x2c4), so try
/// it.
bool takes_a_salt(Connection& connection, const Parent& parent) {
    try {
        connection.policy_session(parent);
        return true;
    } catch (const Error& error) {
        if (error.fault() == Fault::unreachable || error.fault() == Fault::no_space)
            throw;
        return false;
    }
}

} // namespace

std::optional<Parent> read_parent(Connection& connection, std::uint32_t handle) {
    TPM2B_PUBLIC public_area{};
    TPM2B_NAME name{};
    try {
        connection.executor().run(
            {.name = "TPM2_ReadPublic", .code = TPM2_CC_ReadPublic},
            [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_ReadPublic_Prepare(sys, handle); },
            [&](TSS2_SYS_CONTEXT* sys) {
                TPM2B_NAME qualified{};
                return Tss2_Sys_ReadPublic_Complete(sys, &public_area, &name, &qualified);
            });
    } catch (const Error& error) {
        if (error.fault() == Fault::handle_gone)
            return std::nullopt;
        throw;
    }
    Parent parent{handle, marshal(Tss2_MU_TPMT_PUBLIC_Marshal, public_area.publicArea), {}};
    const std::array<std::uint8_t, 2> sha256_id{TPM2_ALG_SHA256 >> 8, TPM2_ALG_SHA256 & 0xFF};
    // The Name is computed here rather than believed: it is what the card will pin.
    parent.name = concat({sha256_id, crypto::sha256({parent.public_area})});
    if (!equal(parent.name, view_of(name)) && public_area.publicArea.nameAlg == TPM2_ALG_SHA256)
        throw Error(Fault::protocol, 0,
                    "TPM2_ReadPublic answered a Name that does not fit its key");
    return parent;
}

std::string unfitness(const Parent& parent) {
    const auto area = unmarshal<TPMT_PUBLIC>(Tss2_MU_TPMT_PUBLIC_Unmarshal, parent.public_area);
    constexpr TPMA_OBJECT wanted = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                                   TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_RESTRICTED |
                                   TPMA_OBJECT_DECRYPT;
    if ((area.objectAttributes & wanted) != wanted)
        return "it is no storage key that is bound to this TPM";
    if ((area.objectAttributes & TPMA_OBJECT_USERWITHAUTH) == 0)
        return "it may be used by policy only";
    if ((area.objectAttributes & TPMA_OBJECT_NODA) == 0)
        return "it is subject to the TPM's dictionary-attack lockout";
    if (area.nameAlg != TPM2_ALG_SHA256)
        return "its name algorithm is not SHA-256";
    const TPMT_SYM_DEF_OBJECT& symmetric = area.parameters.asymDetail.symmetric;
    if (symmetric.algorithm != TPM2_ALG_AES || symmetric.keyBits.aes != 128 ||
        symmetric.mode.aes != TPM2_ALG_CFB)
        return "it does not wrap by AES-128-CFB";
    if (area.type == TPM2_ALG_ECC && area.parameters.eccDetail.curveID != TPM2_ECC_NIST_P256)
        return "its curve is not P-256";
    if (area.type != TPM2_ALG_ECC && area.type != TPM2_ALG_RSA)
        return "it is neither an ECC nor an RSA key";
    return {};
}

std::optional<Parent> find_parent(Connection& connection) {
    for (const std::uint32_t handle :
         list_handles(connection, storage_root_handle, TPM2_HT_PERSISTENT)) {
        if (handle > last_owner_handle)
            break;
        const auto parent = read_parent(connection, handle);
        if (parent && unfitness(*parent).empty() && takes_a_salt(connection, *parent))
            return parent;
    }
    return std::nullopt;
}

Parent find_or_create_parent(Connection& connection, ByteView owner_auth) {
    if (auto there = find_parent(connection))
        return *std::move(there);
    const auto taken = list_handles(connection, storage_root_handle, TPM2_HT_PERSISTENT);
    std::uint32_t handle = storage_root_handle;
    while (std::find(taken.begin(), taken.end(), handle) != taken.end())
        ++handle;
    const TransientObject primary(connection, create_owner_primary(connection, owner_auth));
    const auto made = read_parent(connection, primary.handle());
    if (!made)
        throw Error(Fault::protocol, 0, "the new storage key has vanished");
    make_persistent(connection, *made, handle, owner_auth);
    return Parent{handle, made->public_area, made->name};
}

} // namespace tpmvsc::tpm
