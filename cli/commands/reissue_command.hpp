// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command_line.hpp"

namespace tpmvsc::cli {

/// add_reissue_command declares "reissue".
void add_reissue_command(CLI::App& app, Output& output, Chosen& chosen);

} // namespace tpmvsc::cli
