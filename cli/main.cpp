// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"
#include "cli/command.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <sys/resource.h>

namespace tpmvsc::cli {

void add_common_options(CLI::App& command, Output& output, const std::string& examples) {
    command.add_flag("--json", output.json, "give the result as JSON on standard output");
    command.add_flag("-v,--verbose", output.verbose, "say on standard error what is being done");
    command.footer("\n" + examples);
    for (CLI::Option* option : command.get_options()) {
        if (option->get_expected_max() == 1) { // a script may add to a line that is there already
            option->take_last();
        }
    }
}

namespace {

constexpr const char* description =
    "tpmvsc makes smart cards out of the TPM of this computer: every program that uses cards "
    "through PC/SC sees them.";

constexpr const char* footer =
    "\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 wrong PIN or not authorised,\n"
    "4 no TPM or no reader, 5 not supported by this TPM or card.\n"
    "\"tpmvsc COMMAND --help\" shows options and examples.\n";

void log_all(LogLevel /*level*/, const char* line) {
    std::cerr << line << '\n';
}

/// What went wrong beside the command's own business.
void log_errors(LogLevel level, const char* line) {
    if (level >= LogLevel::error) {
        std::cerr << "tpmvsc: warning: " << line << '\n';
    }
}

/// No secret may end up in a core file, and tpm2-tss writes errors of its own to standard error
/// that say less than ours.
void prepare_process() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::setenv("TSS2_LOG", "all+NONE", 0);
}

int report_parse_error(const CLI::App& app, const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
        return app.exit(error); // --help, --version
    }
    std::string help = "tpmvsc";
    for (const CLI::App* command : app.get_subcommands()) {
        help += " " + command->get_name();
    }
    std::cerr << "tpmvsc: " << error.what() << " (see " << help << " --help)\n";
    return static_cast<int>(ExitCode::usage);
}

int run(int argc, char** argv) {
    CLI::App app(description, "tpmvsc");
    Output output;
    Chosen chosen;
    app.require_subcommand(1);
    app.set_version_flag("--version", "tpmvsc " TPMVSC_VERSION);
    app.footer(footer);
    add_create_command(app, output, chosen);
    add_list_command(app, output, chosen);
    add_info_command(app, output, chosen);
    add_destroy_command(app, output, chosen);
    add_doctor_command(app, output, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return report_parse_error(app, error);
    }
    set_log_sink(output.verbose ? log_all : log_errors);
    try {
        return static_cast<int>(chosen(output));
    } catch (const std::exception& error) {
        std::cerr << "tpmvsc: " << error.what() << '\n';
        return static_cast<int>(exit_code_of(error));
    }
}

} // namespace
} // namespace tpmvsc::cli

int main(int argc, char** argv) {
    try {
        tpmvsc::cli::prepare_process();
        return tpmvsc::cli::run(argc, argv);
    } catch (...) { // out of memory: there is nothing left to say it with
        return static_cast<int>(tpmvsc::cli::ExitCode::failed);
    }
}
