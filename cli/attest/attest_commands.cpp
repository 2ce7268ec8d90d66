// SPDX-License-Identifier: Apache-2.0
#include "cli/attest/attest_commands.hpp"

#include <CLI/CLI.hpp>

namespace tpmvsc::cli {

CLI::App& add_attest_commands(CLI::App& app, Output& output, Chosen& chosen) {
    CLI::App* noun =
        app.add_subcommand("attest", "verify that a card's key is in a TPM, and in which");
    noun->require_subcommand(1);
    noun->footer("\n\"" + app.get_name() + " attest VERB --help\" shows options and examples.\n");
    add_attest_challenge(*noun, output, chosen);
    add_attest_verify(*noun, output, chosen);
    return *noun;
}

} // namespace tpmvsc::cli
