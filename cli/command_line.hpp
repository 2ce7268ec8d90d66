// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/failure.hpp"
#include "cli/output.hpp"

#include <functional>
#include <string>

namespace CLI {
class App;
}

/// What the programs of the command line have in common.
namespace tpmvsc::cli {

/// Chosen is filled in by the subcommand that the command line names, and run by run_program.
using Chosen = std::function<ExitCode(Output&)>;

/// add_common_options declares what every subcommand has: --json, --verbose, and examples below the
/// help text.
void add_common_options(CLI::App& command, Output& output, const std::string& examples);

/// not_empty is a check for options: a script whose variable is not set means something else.
std::string not_empty(const std::string& value);

/// run_program parses the command line, runs what it names, and says in one sentence what went
/// wrong. `exit_code_of` classes exceptions. Gives the process' exit status.
int run_program(CLI::App& app, int argc, char** argv, Output& output, const Chosen& chosen,
                ExitCode (*exit_code_of)(const std::exception&));

} // namespace tpmvsc::cli
