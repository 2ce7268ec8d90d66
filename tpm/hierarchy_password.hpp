// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tpm/types.hpp"

namespace tpmvsc::tpm {

class Connection;

/// The longest password that every TPM takes: a digest of its smallest hash algorithm for this.
inline constexpr std::size_t longest_hierarchy_password = 32;

/// set_lockout_password gives the TPM, which has none, a lockout password. It travels encrypted, in
/// a session salted to `parent`. Throws Error(auth_failed) where there is one already.
void set_lockout_password(Connection& connection, const Parent& parent, ByteView password);

} // namespace tpmvsc::tpm
