// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace tpmvsc::cli {

/// add_card_commands declares the commands that act on a card there is: nouns, and verbs below.
void add_card_commands(CLI::App& app, Output& output, Chosen& chosen);

/// Those on its secrets.
void add_pin_commands(CLI::App& app, Output& output, Chosen& chosen);
void add_pin_set_policy(CLI::App& app, Output& output, Chosen& chosen);
void add_admin_key_commands(CLI::App& app, Output& output, Chosen& chosen);
void add_unblock_command(CLI::App& app, Output& output, Chosen& chosen);

/// What is on all cards of the computer.
void add_inventory_command(CLI::App& app, Output& output, Chosen& chosen);

/// And on its data objects.
void add_object_commands(CLI::App& app, Output& output, Chosen& chosen);

} // namespace tpmvsc::cli
