// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/passphrase.hpp"

#include "cli/commands/files.hpp"
#include "cli/failure.hpp"
#include "cli/secret_source.hpp"
#include "cli/terminal.hpp"

#include <CLI/CLI.hpp>

namespace tpmvsc::cli {

void add_passphrase_option(CLI::App& command, std::string& source) {
    command
        .add_option("--passphrase", source,
                    "what the file is encrypted with: prompt, file:PATH, fd:N or - (standard "
                    "input)")
        ->default_str("prompt");
}

x509::Credentials read_credential_file(const std::string& path, const std::string& passphrase) {
    const SecretSource source =
        parse_secret_source("--passphrase", passphrase, {.well_known_and_random = false});
    const Bytes contents = read_input(path);
    return x509::read_credentials(input_name(path), contents, [&] {
        if (source.kind != SecretSource::Kind::prompt) {
            return read_secret("--passphrase", source);
        }
        const Terminal terminal("give --passphrase file:PATH, fd:N or - (standard input)");
        return terminal.ask_secret("Passphrase of " + input_name(path));
    });
}

} // namespace tpmvsc::cli
