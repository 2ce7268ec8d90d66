// SPDX-License-Identifier: Apache-2.0
#include "tpm/lockout.hpp"

#include "tpm/connection.hpp"
#include "tpm/owner.hpp"

#include <algorithm>

namespace tpmvsc::tpm {

namespace {

/// All that PT_VAR has between the first property of interest and the last.
constexpr std::uint32_t properties_wanted = TPM2_PT_LOCKOUT_RECOVERY - TPM2_PT_PERMANENT + 1;

void take(Lockout& lockout, const TPMS_TAGGED_PROPERTY& property) {
    switch (property.property) {
    case TPM2_PT_PERMANENT:
        lockout.active = (property.value & TPMA_PERMANENT_INLOCKOUT) != 0;
        lockout.password_set = (property.value & TPMA_PERMANENT_LOCKOUTAUTHSET) != 0;
        break;
    case TPM2_PT_LOCKOUT_COUNTER:
        lockout.failed = property.value;
        break;
    case TPM2_PT_MAX_AUTH_FAIL:
        lockout.limits.max_tries = property.value;
        break;
    case TPM2_PT_LOCKOUT_INTERVAL:
        lockout.limits.recovery = std::chrono::seconds(property.value);
        break;
    case TPM2_PT_LOCKOUT_RECOVERY:
        lockout.limits.password_recovery = std::chrono::seconds(property.value);
        break;
    default:
        break;
    }
}

Call with_lockout_password(const char* name, TPM2_CC code, const Authorization& authorization) {
    return {.name = name,
            .code = code,
            .names = {handle_name(TPM2_RH_LOCKOUT)},
            .authorizations = {authorization},
            .never_twice = true};
}

} // namespace

std::uint32_t Lockout::tries_left() const {
    return active || failed >= limits.max_tries ? 0 : limits.max_tries - failed;
}

std::chrono::seconds Lockout::longest_wait() const {
    if (!active)
        return {};
    const std::uint32_t too_many = failed >= limits.max_tries ? failed - limits.max_tries : 0;
    return limits.recovery * (static_cast<std::int64_t>(too_many) + 1);
}

Lockout read_lockout(Connection& connection) {
    TPMS_CAPABILITY_DATA data{};
    TPMI_YES_NO more = TPM2_NO;
    connection.executor().run(
        {.name = "TPM2_GetCapability", .code = TPM2_CC_GetCapability},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_GetCapability_Prepare(sys, TPM2_CAP_TPM_PROPERTIES, TPM2_PT_PERMANENT,
                                                  properties_wanted);
        },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_GetCapability_Complete(sys, &more, &data); });
    Lockout lockout;
    const TPML_TAGGED_TPM_PROPERTY& list = data.data.tpmProperties;
    std::for_each(list.tpmProperty, list.tpmProperty + list.count,
                  [&](const TPMS_TAGGED_PROPERTY& property) { take(lockout, property); });
    return lockout;
}

void reset_lockout(Connection& connection, ByteView password) {
    as_owner(connection, password, nullptr, [&](const Authorization& authorization) {
        connection.executor().run(
            with_lockout_password("TPM2_DictionaryAttackLockReset",
                                  TPM2_CC_DictionaryAttackLockReset, authorization),
            [&](TSS2_SYS_CONTEXT* sys) {
                return Tss2_Sys_DictionaryAttackLockReset_Prepare(sys, TPM2_RH_LOCKOUT);
            });
    });
}

void set_lockout(Connection& connection, ByteView password, const LockoutLimits& limits) {
    as_owner(connection, password, nullptr, [&](const Authorization& authorization) {
        connection.executor().run(with_lockout_password("TPM2_DictionaryAttackParameters",
                                                        TPM2_CC_DictionaryAttackParameters,
                                                        authorization),
                                  [&](TSS2_SYS_CONTEXT* sys) {
                                      return Tss2_Sys_DictionaryAttackParameters_Prepare(
                                          sys, TPM2_RH_LOCKOUT, limits.max_tries,
                                          static_cast<UINT32>(limits.recovery.count()),
                                          static_cast<UINT32>(limits.password_recovery.count()));
                                  });
    });
}

} // namespace tpmvsc::tpm
