// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tpm/executor.hpp"

namespace tpmvsc::tpm {

class Connection;

/// create_primary makes the TCG's P-256 storage key in `hierarchy`, which `authorization` must
/// open; its transient handle, to be flushed by the caller. The same hierarchy always gives the
/// same key, until its seed changes (the null hierarchy's does at each start of the TPM).
std::uint32_t create_primary(Connection& connection, std::uint32_t hierarchy,
                             const Authorization& authorization);

/// create_primary does the same by another template.
std::uint32_t create_primary(Connection& connection, std::uint32_t hierarchy,
                             const Authorization& authorization, const TPM2B_PUBLIC& in_public);

} // namespace tpmvsc::tpm
