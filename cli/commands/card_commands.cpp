// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_commands.hpp"

namespace tpmvsc::cli {

void add_card_commands(CLI::App& app, Output& output, Chosen& chosen) {
    add_pin_commands(app, output, chosen);
    add_admin_key_commands(app, output, chosen);
    add_unblock_command(app, output, chosen);
}

} // namespace tpmvsc::cli
