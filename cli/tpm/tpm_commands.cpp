// SPDX-License-Identifier: Apache-2.0
#include "cli/tpm/tpm_commands.hpp"

#include <CLI/CLI.hpp>

namespace tpmvsc::cli {

void add_tpm_commands(CLI::App& app, Output& output, Chosen& chosen) {
    CLI::App* noun = app.add_subcommand("tpm", "is this computer's TPM ready for cards? (as root)");
    noun->require_subcommand(1);
    noun->footer("\n\"tpmvsc tpm VERB --help\" shows options and examples.\n");
    add_tpm_status(*noun, output, chosen);
    add_tpm_provision(*noun, output, chosen);
}

} // namespace tpmvsc::cli
