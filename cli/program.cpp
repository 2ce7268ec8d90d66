// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include "cli/attest/attest_commands.hpp"
#include "cli/command.hpp"
#include "cli/commands/card_commands.hpp"
#include "cli/commands/reissue_command.hpp"
#include "cli/tpm/tpm_commands.hpp"

#include <CLI/CLI.hpp>

namespace tpmvsc::cli {
namespace {

constexpr const char* description =
    "tpmvsc makes smart cards out of the TPM of this computer: every program that uses cards "
    "through PC/SC sees them.";

constexpr const char* footer =
    "\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 wrong PIN or not authorised,\n"
    "4 no TPM or no reader, 5 not supported by this TPM or card.\n"
    "\"tpmvsc COMMAND --help\" shows options and examples.\n";

} // namespace

void declare_program(CLI::App& app, Output& output, Chosen& chosen) {
    app.name("tpmvsc");
    app.description(description);
    app.require_subcommand(1);
    app.set_version_flag("--version", "tpmvsc " TPMVSC_VERSION);
    app.footer(footer);
    add_create_command(app, output, chosen);
    add_list_command(app, output, chosen);
    add_info_command(app, output, chosen);
    add_destroy_command(app, output, chosen);
    add_reissue_command(app, output, chosen);
    add_tpm_commands(app, output, chosen);
    add_lockout_command(app, output, chosen);
    add_doctor_command(app, output, chosen);
    add_inventory_command(app, output, chosen);
    add_card_commands(app, output, chosen);
    add_attest_answer(add_attest_commands(app, output, chosen), output, chosen);
}

} // namespace tpmvsc::cli
