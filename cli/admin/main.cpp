// SPDX-License-Identifier: Apache-2.0
#include "cli/admin/commands.hpp"

#include <CLI/CLI.hpp>

namespace tpmvsc::cli {
namespace {

constexpr const char* description =
    "tpmvsc-admin is for the help desk of cards that tpmvsc makes: it answers the challenge that a "
    "card's holder reads out, so that a new PIN can be set. It needs no TPM.";

constexpr const char* footer =
    "\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 wrong PIN or passphrase,\n"
    "4 no such token, 5 not supported.\n"
    "\"tpmvsc-admin COMMAND --help\" shows options and examples.\n";

ExitCode exit_code_of(const std::exception& error) {
    const auto* failure = dynamic_cast<const Failure*>(&error);
    return failure != nullptr ? failure->code() : ExitCode::failed;
}

int run(int argc, char** argv) {
    CLI::App app(description, "tpmvsc-admin");
    Output output;
    Chosen chosen;
    app.require_subcommand(1);
    app.set_version_flag("--version", "tpmvsc-admin " TPMVSC_VERSION);
    app.footer(footer);
    add_respond_command(app, output, chosen);
    add_authority_command(app, output, chosen);
    add_admin_key_command(app, output, chosen);
    return run_program(app, argc, argv, output, chosen, exit_code_of);
}

} // namespace
} // namespace tpmvsc::cli

int main(int argc, char** argv) {
    try {
        return tpmvsc::cli::run(argc, argv);
    } catch (...) { // out of memory: there is nothing left to say it with
        return static_cast<int>(tpmvsc::cli::ExitCode::failed);
    }
}
