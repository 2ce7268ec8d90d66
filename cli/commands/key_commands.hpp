// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

/// The verbs of "tpmvsc key".
namespace tpmvsc::cli {

void add_key_generate(CLI::App& noun, Output& output, Chosen& chosen);
void add_key_import(CLI::App& noun, Output& output, Chosen& chosen);
void add_key_info(CLI::App& noun, Output& output, Chosen& chosen);
void add_key_move(CLI::App& noun, Output& output, Chosen& chosen);
void add_key_delete(CLI::App& noun, Output& output, Chosen& chosen);
void add_key_attest(CLI::App& noun, Output& output, Chosen& chosen);

} // namespace tpmvsc::cli
