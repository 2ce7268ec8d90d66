// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/failure.hpp"
#include "cli/output.hpp"

#include <functional>

namespace CLI {
class App;
}

namespace tpmvsc::cli {

/// Chosen is filled in by the subcommand that the command line names, and run by main.
using Chosen = std::function<ExitCode(Output&)>;

/// Each add_ function declares one subcommand: its options, help and what it does.
void add_create_command(CLI::App& app, Output& output, Chosen& chosen);
void add_list_command(CLI::App& app, Output& output, Chosen& chosen);
void add_info_command(CLI::App& app, Output& output, Chosen& chosen);
void add_destroy_command(CLI::App& app, Output& output, Chosen& chosen);
void add_doctor_command(CLI::App& app, Output& output, Chosen& chosen);

/// add_common_options declares what every subcommand has: --json, --verbose, and examples below the
/// help text.
void add_common_options(CLI::App& command, Output& output, const std::string& examples);

} // namespace tpmvsc::cli
