// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/commands/key_options.hpp"

namespace tpmvsc::cli {

/// add_delete_options declares what commands have that delete something in a slot.
void add_delete_options(CLI::App& command, KeyArguments& arguments);

/// confirm_deletion tells what will be lost and goes on only where that is meant.
void confirm_deletion(const KeyArguments& arguments, const std::string& loss);

/// What such a command does on the card.
inline const Deed deletion{.makes_key = false, .writes = true, .signs_with = {}};

} // namespace tpmvsc::cli
