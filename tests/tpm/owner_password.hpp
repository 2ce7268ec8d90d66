// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tpm/connection.hpp"
#include "tpm/tpm.hpp"
#include "tpm/tpm2b.hpp"

#include <string_view>

namespace tpmvsc::test {

/// A hierarchy of the TPM, which has none so far, takes a password.
inline void set_hierarchy_password(tpm::Tpm& tpm, std::uint32_t hierarchy, ByteView password) {
    const auto auth = tpm::to_tpm2b<TPM2B_AUTH>(password);
    tpm.run([&](tpm::Connection& connection) {
        connection.executor().run({.name = "TPM2_HierarchyChangeAuth",
                                   .code = TPM2_CC_HierarchyChangeAuth,
                                   .names = {tpm::handle_name(hierarchy)},
                                   .authorizations = {tpm::Authorization{}}},
                                  [&](TSS2_SYS_CONTEXT* sys) {
                                      return Tss2_Sys_HierarchyChangeAuth_Prepare(sys, hierarchy,
                                                                                  &auth);
                                  });
    });
}

inline void set_owner_password(tpm::Tpm& tpm, std::string_view password) {
    set_hierarchy_password(tpm, TPM2_RH_OWNER, as_bytes(password));
}

} // namespace tpmvsc::test
