// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command_line.hpp"

namespace tpmvsc::cli {

/// declare_admin_program declares all of `tpmvsc-admin`, as declare_program does for `tpmvsc`.
void declare_admin_program(CLI::App& app, Output& output, Chosen& chosen);

} // namespace tpmvsc::cli
