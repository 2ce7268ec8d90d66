// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command_line.hpp"

/// The subcommands of tpmvsc-admin, the help desk's program. It needs neither a TPM nor pcscd.
namespace tpmvsc::cli {

void add_respond_command(CLI::App& app, Output& output, Chosen& chosen);
void add_authority_command(CLI::App& app, Output& output, Chosen& chosen);
void add_admin_key_command(CLI::App& app, Output& output, Chosen& chosen);

} // namespace tpmvsc::cli
