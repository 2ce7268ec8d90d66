// SPDX-License-Identifier: Apache-2.0
#include "cli/admin/program.hpp"

#include "cli/admin/commands.hpp"
#include "cli/attest/attest_commands.hpp"

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

} // namespace

void declare_admin_program(CLI::App& app, Output& output, Chosen& chosen) {
    app.name("tpmvsc-admin");
    app.description(description);
    app.require_subcommand(1);
    app.set_version_flag("--version", "tpmvsc-admin " TPMVSC_VERSION);
    app.footer(footer);
    add_respond_command(app, output, chosen);
    add_authority_command(app, output, chosen);
    add_admin_key_command(app, output, chosen);
    add_attest_commands(app, output, chosen);
}

} // namespace tpmvsc::cli
