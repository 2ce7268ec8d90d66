// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/manual/command.hpp"

#include <string>

namespace tpmvsc::cli::manual {

/// bash_completion gives the script by which bash completes a program's command line. `frame` is
/// the part of it that is the same for all (completion.bash).
std::string bash_completion(const Command& program, std::string frame);

} // namespace tpmvsc::cli::manual
