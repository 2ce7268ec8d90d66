// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/challenge_password.hpp"

#include "cli/failure.hpp"
#include "cli/secret_source.hpp"
#include "cli/terminal.hpp"

#include <CLI/CLI.hpp>

namespace tpmvsc::cli {

void add_challenge_password_option(CLI::App& command, std::string& source) {
    command.add_option("--challenge-password", source,
                       "one-time secret of the authority, put into the request: prompt, "
                       "file:PATH, fd:N or - (standard input)");
}

SecretBytes read_challenge_password(const std::string& given) {
    if (given.empty()) {
        return {};
    }
    const std::string option = "--challenge-password";
    const SecretSource source =
        parse_secret_source(option, given, {.well_known_and_random = false});
    SecretBytes password =
        source.kind == SecretSource::Kind::prompt
            ? Terminal("give --challenge-password file:PATH, fd:N or - (standard input)")
                  .ask_secret("Challenge password")
            : read_secret(option, source);
    constexpr std::size_t longest = 255; // RFC 2985 section 5.4.1
    if (password.empty() || password.size() > longest) {
        throw Failure(ExitCode::usage, "a challenge password has 1 to 255 characters");
    }
    return password;
}

} // namespace tpmvsc::cli
