// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/delete_options.hpp"

#include "cli/commands/confirmation.hpp"

namespace tpmvsc::cli {

void add_delete_options(CLI::App& command, KeyArguments& arguments) {
    add_slot(command, arguments);
    add_force(command, arguments);
    add_secrets(command, arguments);
}

void confirm_deletion(const KeyArguments& arguments, const std::string& loss) {
    confirm(arguments.force, loss);
}

} // namespace tpmvsc::cli
