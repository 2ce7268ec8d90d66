// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command_line.hpp"

/// "attest": for who verifies what cards attest. Both programs have it, and need no TPM for it.
namespace tpmvsc::cli {

/// add_attest_commands declares the noun with these verbs, and gives it for more of them.
CLI::App& add_attest_commands(CLI::App& app, Output& output, Chosen& chosen);

void add_attest_challenge(CLI::App& noun, Output& output, Chosen& chosen);
void add_attest_verify(CLI::App& noun, Output& output, Chosen& chosen);

/// add_attest_answer declares the verb for the card's holder, which tpmvsc alone has.
void add_attest_answer(CLI::App& noun, Output& output, Chosen& chosen);

} // namespace tpmvsc::cli
