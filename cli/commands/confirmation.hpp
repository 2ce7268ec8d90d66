// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tpmvsc::cli {

/// confirm tells what will be lost and goes on only where a person types "yes"; without a question
/// when `force` is given. Throws Failure.
void confirm(bool force, const std::string& loss);

} // namespace tpmvsc::cli
