// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace tpmvsc {

/// find_tpm_device gives the path of the kernel's TPM, or nothing: the first of /dev/tpmrm0 to
/// /dev/tpmrm9 that is not one which a container got for itself. `root` stands before /dev and
/// /sys, for tests.
std::optional<std::string> find_tpm_device(const std::string& root = "");

} // namespace tpmvsc
