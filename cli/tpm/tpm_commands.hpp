// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command_line.hpp"

/// "tpmvsc tpm": is the TPM ready for cards, and making it so.
namespace tpmvsc::cli {

void add_tpm_commands(CLI::App& app, Output& output, Chosen& chosen);

/// Each declares one verb.
void add_tpm_status(CLI::App& noun, Output& output, Chosen& chosen);
void add_tpm_provision(CLI::App& noun, Output& output, Chosen& chosen);

} // namespace tpmvsc::cli
