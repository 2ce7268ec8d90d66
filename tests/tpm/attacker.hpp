// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/tpm/fixture.hpp"

#include "tpm/session_crypto.hpp"
#include "tpm/tpm2b.hpp"

#include <functional>
#include <optional>

/// What root without the PIN tries on a PIN index, whatever its kind.
namespace tpmvsc {

/// Runs `attack` and gives the fault it met; nothing when it succeeded.
inline std::optional<tpm::Fault> fault_of(TpmFixture& f,
                                          const std::function<void(tpm::Connection&)>& attack) {
    std::optional<tpm::Fault> fault;
    f.tpm.run([&](tpm::Connection& c) {
        fault.reset();
        try {
            attack(c);
        } catch (const tpm::Error& error) {
            if (error.fault() == tpm::Fault::unreachable ||
                error.fault() == tpm::Fault::handle_gone)
                throw; // a restarted TPM: the attacker connects anew
            c.policy_left_over();
            fault = error.fault();
        }
    });
    return fault;
}

/// PolicySecret on any entity with a password, as a program without our recipe would do it.
inline void policy_secret(tpm::Connection& c, const tpm::Session& policy, std::uint32_t entity,
                          ByteView name, ByteView password) {
    const TPM2B_NONCE nonce{};
    const TPM2B_DIGEST none{};
    c.executor().run({.name = "TPM2_PolicySecret",
                      .code = TPM2_CC_PolicySecret,
                      .names = {to_bytes(name), tpm::handle_name(policy.handle())},
                      .authorizations = {{.auth_value = password}}},
                     [&](TSS2_SYS_CONTEXT* sys) {
                         return Tss2_Sys_PolicySecret_Prepare(sys, entity, policy.handle(), &nonce,
                                                              &none, &nonce, 0);
                     });
}

/// TPM2_NV_Read of the count.
inline void nv_read(tpm::Connection& c, const tpm::PinIndex& index,
                    const tpm::Authorization& with) {
    c.executor().run({.name = "TPM2_NV_Read",
                      .code = TPM2_CC_NV_Read,
                      .names = {index.name, index.name},
                      .authorizations = {with}},
                     [&](TSS2_SYS_CONTEXT* sys) {
                         return Tss2_Sys_NV_Read_Prepare(sys, index.handle, index.handle, 8, 0);
                     });
}

} // namespace tpmvsc
