// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/import_options.hpp"

#include "cli/commands/passphrase.hpp"
#include "cli/failure.hpp"

#include <CLI/CLI.hpp>

#include <utility>

namespace tpmvsc::cli {

void add_import_options(CLI::App& command, ImportArguments& arguments, const std::string& forms) {
    add_new_slot(command, arguments);
    command.add_option("file", arguments.file, forms + "; - is standard input")->type_name("FILE");
    add_passphrase_option(command, arguments.passphrase);
    add_new_key_options(command, arguments);
    add_force(command, arguments);
    add_secrets(command, arguments);
}

void settle_places(ImportArguments& arguments) {
    if (arguments.file.empty()) {
        arguments.file = std::exchange(arguments.slot, "");
    }
    if (arguments.file.empty()) {
        throw Failure(ExitCode::usage, "say which file: its name, or - for standard input");
    }
}

x509::Credentials read_import_file(const ImportArguments& arguments) {
    return read_credential_file(arguments.file,
                                arguments.passphrase.empty() ? "prompt" : arguments.passphrase);
}

} // namespace tpmvsc::cli
