// SPDX-License-Identifier: Apache-2.0
#include "tpm/check.hpp"

#include <tss2/tss2_rc.h>
#include <tss2/tss2_tpm2_types.h>

#include <array>

namespace tpmvsc::tpm {

namespace {

struct Row {
    std::uint32_t base;
    Fault fault;
};

/// TPM response codes by what can be done about them (part 2 section 6.6); handle, session and
/// parameter numbers are taken off before the look-up.
constexpr std::array rows{
    Row{TPM2_RC_AUTH_FAIL, Fault::auth_failed},
    Row{TPM2_RC_BAD_AUTH, Fault::auth_failed},
    Row{TPM2_RC_AUTH_UNAVAILABLE, Fault::auth_blocked},
    Row{TPM2_RC_LOCKOUT, Fault::locked_out},
    Row{TPM2_RC_POLICY_FAIL, Fault::policy_failed},
    Row{TPM2_RC_POLICY, Fault::policy_failed},
    Row{TPM2_RC_POLICY_CC, Fault::policy_failed},
    Row{TPM2_RC_SIGNATURE, Fault::policy_failed},
    Row{TPM2_RC_EXPIRED, Fault::ticket_expired},
    Row{TPM2_RC_TICKET, Fault::ticket_expired},
    Row{TPM2_RC_HANDLE, Fault::handle_gone},
    Row{TPM2_RC_INTEGRITY, Fault::foreign},
    Row{TPM2_RC_NV_SPACE, Fault::no_space},
    Row{TPM2_RC_OBJECT_MEMORY, Fault::no_space},
    Row{TPM2_RC_SESSION_MEMORY, Fault::no_space},
    Row{TPM2_RC_MEMORY, Fault::no_space},
    Row{TPM2_RC_SESSION_HANDLES, Fault::no_space},
    Row{TPM2_RC_OBJECT_HANDLES, Fault::no_space},
    Row{TPM2_RC_CONTEXT_GAP, Fault::no_space},
    Row{TPM2_RC_NV_DEFINED, Fault::exists},
    Row{TPM2_RC_KEY_SIZE, Fault::unsupported},
    Row{TPM2_RC_CURVE, Fault::unsupported},
    Row{TPM2_RC_ASYMMETRIC, Fault::unsupported},
    Row{TPM2_RC_COMMAND_CODE, Fault::unsupported},
    Row{TPM2_RC_VALUE, Fault::bad_input},
    Row{TPM2_RC_ECC_POINT, Fault::bad_input},
    Row{TPM2_RC_SIZE, Fault::bad_input},
    Row{TPM2_RC_INITIALIZE, Fault::not_started},
    Row{TPM2_RC_FAILURE, Fault::failure},
};

constexpr std::uint32_t layer_mask = 0x00FF0000;
constexpr std::uint32_t resource_manager_layer = 11u << 16;
constexpr std::uint32_t resource_manager_tpm_layer = 12u << 16;

/// Strips what says which handle, session or parameter was meant (part 2 section 6.6.3).
std::uint32_t base_code(std::uint32_t code) {
    code &= 0xFFFF;
    if ((code & TPM2_RC_FMT1) != 0)
        return code & (TPM2_RC_FMT1 | 0x3F);
    return code;
}

const char* advice(Fault fault) {
    switch (fault) {
    case Fault::unreachable:
        return "; see that the TPM device exists, that this user may open it (group tss) and that "
               "no "
               "other program holds it";
    case Fault::locked_out:
        return "; the TPM refuses all guesses for a time after too many wrong ones: wait, or reset "
               "its "
               "lockout";
    case Fault::no_space:
        return "; free NV indices, persistent objects or sessions in the TPM";
    case Fault::failure:
        return "; the TPM has failed its self-test: restart the computer";
    case Fault::foreign:
        return "; the object was made by another TPM, or this one has been cleared since";
    default:
        return "";
    }
}

} // namespace

Fault classify(std::uint32_t code) {
    const std::uint32_t layer = code & layer_mask;
    if (layer == TSS2_TCTI_RC_LAYER)
        return Fault::unreachable;
    if (layer != 0 && layer != resource_manager_layer && layer != resource_manager_tpm_layer)
        return Fault::other;
    if (code >= TPM2_RC_REFERENCE_H0 && code <= TPM2_RC_REFERENCE_S6)
        return Fault::handle_gone;
    const std::uint32_t base = base_code(code);
    for (const Row& row : rows) {
        if (row.base == base)
            return row.fault;
    }
    return Fault::other;
}

bool is_transient(std::uint32_t code) {
    return code == TPM2_RC_RETRY || code == TPM2_RC_YIELDED || code == TPM2_RC_TESTING ||
           code == TPM2_RC_NV_RATE;
}

Error make_error(const char* call, std::uint32_t code) {
    const Fault fault = classify(code);
    std::array<char, 11> number{};
    std::snprintf(number.data(), number.size(), "0x%x", static_cast<unsigned>(code));
    return Error(fault, code,
                 std::string(call) + " failed: " + Tss2_RC_Decode(code) + " (" + number.data() +
                     ")" + advice(fault));
}

} // namespace tpmvsc::tpm
