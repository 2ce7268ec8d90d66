// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <string>

namespace tpmvsc::cli {

/// run_with_input has the shell run `command` with `input` on its standard input, where no other
/// user sees it, and waits for its end. What it prints goes to standard error. Throws Failure,
/// calling it `what`, unless it ends with 0 and has not closed its input before all was written.
void run_with_input(const std::string& what, const std::string& command, ByteView input);

} // namespace tpmvsc::cli
