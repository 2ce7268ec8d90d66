// SPDX-License-Identifier: Apache-2.0
#include "tpm/epoch.hpp"

#include "base/crypto.hpp"
#include "tpm/connection.hpp"
#include "tpm/nv.hpp"
#include "tpm/policy.hpp"
#include "tpm/tpm2b.hpp"

namespace tpmvsc::tpm {

namespace {

constexpr std::uint16_t counter_bytes = 8;
constexpr std::size_t value_bytes = 32;

/// The owner may neither read nor advance it, only remove it. A value that nobody guesses needs no
/// dictionary-attack protection, and must not suffer from it.
TPMS_NV_PUBLIC counter_template(std::uint32_t handle) {
    TPMS_NV_PUBLIC area{};
    area.nvIndex = handle;
    area.nameAlg = TPM2_ALG_SHA256;
    area.attributes = (TPM2_NT_COUNTER << TPMA_NV_TPM2_NT_SHIFT) | TPMA_NV_AUTHREAD |
                      TPMA_NV_AUTHWRITE | TPMA_NV_NO_DA;
    area.dataSize = counter_bytes;
    return area;
}

/// One command on the counter, in a salted HMAC session: the value is not on the wire.
template<typename Prepare, typename Complete>
void run(Connection& connection, const Parent& parent, const char* name, TPM2_CC code,
         const std::vector<Bytes>& names, const Epoch& epoch, Prepare prepare, Complete complete) {
    Session& proof = connection.hmac_session(parent);
    connection.executor().run(
        {.name = name,
         .code = code,
         .names = names,
         .authorizations = {{.session = &proof, .auth_value = epoch.value.view(), .keep = false}}},
        prepare, complete);
    connection.hmac_session_ended();
}

TPM2B_OPERAND operand(std::uint64_t count) {
    return to_tpm2b<TPM2B_OPERAND>(concat({big_endian32(static_cast<std::uint32_t>(count >> 32)),
                                           big_endian32(static_cast<std::uint32_t>(count))}));
}

} // namespace

Epoch create_epoch(Connection& connection, const Parent& parent, ByteView owner_auth,
                   const IndexNote& before_define) {
    NvPublic index{counter_template(free_index(connection)), {}};
    index.name = nv_name(index.area);
    NvPublic written = index;
    written.area.attributes |= TPMA_NV_WRITTEN;
    Epoch epoch{index.area.nvIndex, nv_name(written.area), SecretBytes(value_bytes)};
    crypto::random_fill(epoch.value.span());
    before_define(epoch.handle, index.name, epoch.name);
    define_nv(connection, parent, owner_auth, index.area, epoch.value.view());
    try {
        Epoch unwritten = epoch.clone();
        unwritten.name = index.name;
        advance_epoch(connection, parent, unwritten);
    } catch (const Error&) {
        discard_index(connection, epoch.handle, owner_auth);
        throw;
    }
    return epoch;
}

std::uint64_t read_epoch(Connection& connection, const Parent& parent, const Epoch& epoch) {
    TPM2B_MAX_NV_BUFFER data{};
    run(
        connection, parent, "TPM2_NV_Read", TPM2_CC_NV_Read, {epoch.name, epoch.name}, epoch,
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_NV_Read_Prepare(sys, epoch.handle, epoch.handle, counter_bytes, 0);
        },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_NV_Read_Complete(sys, &data); });
    if (data.size != counter_bytes)
        throw Error(Fault::protocol, 0, "a counter of the card has a wrong size");
    return read_big_endian(view_of(data));
}

void advance_epoch(Connection& connection, const Parent& parent, const Epoch& epoch) {
    run(
        connection, parent, "TPM2_NV_Increment", TPM2_CC_NV_Increment, {epoch.name, epoch.name},
        epoch,
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_NV_Increment_Prepare(sys, epoch.handle, epoch.handle);
        },
        [](TSS2_SYS_CONTEXT*) { return TSS2_RC_SUCCESS; });
}

Bytes epoch_policy(const Epoch& epoch, std::uint64_t count) {
    return policy::nv_equal(policy::start(), view_of(operand(count)), epoch.name);
}

void policy_epoch(Connection& connection, const Parent& parent, const Session& policy,
                  const Epoch& epoch, std::uint64_t count) {
    const TPM2B_OPERAND wanted = operand(count);
    run(
        connection, parent, "TPM2_PolicyNV", TPM2_CC_PolicyNV,
        {epoch.name, epoch.name, handle_name(policy.handle())}, epoch,
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_PolicyNV_Prepare(sys, epoch.handle, epoch.handle, policy.handle(),
                                             &wanted, 0, TPM2_EO_EQ);
        },
        [](TSS2_SYS_CONTEXT*) { return TSS2_RC_SUCCESS; });
}

} // namespace tpmvsc::tpm
