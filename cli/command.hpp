// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command_line.hpp"

namespace tpmvsc::cli {

/// Each add_ function declares one subcommand: its options, help and what it does.
void add_create_command(CLI::App& app, Output& output, Chosen& chosen);
void add_list_command(CLI::App& app, Output& output, Chosen& chosen);
void add_info_command(CLI::App& app, Output& output, Chosen& chosen);
void add_destroy_command(CLI::App& app, Output& output, Chosen& chosen);
void add_lockout_command(CLI::App& app, Output& output, Chosen& chosen);
void add_doctor_command(CLI::App& app, Output& output, Chosen& chosen);

} // namespace tpmvsc::cli
