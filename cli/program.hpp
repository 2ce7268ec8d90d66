// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command_line.hpp"

namespace tpmvsc::cli {

/// declare_program declares all of `tpmvsc` on `app`: what it says of itself, its commands and
/// their options. The manual pages and the completion of shells are made from the same
/// declarations.
void declare_program(CLI::App& app, Output& output, Chosen& chosen);

} // namespace tpmvsc::cli
