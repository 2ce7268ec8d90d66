// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include "base/log.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <sys/resource.h>

namespace tpmvsc::cli {
namespace {

void log_all(LogLevel /*level*/, const char* line) {
    std::cerr << line << '\n';
}

/// What went wrong beside the command's own business.
void log_errors(LogLevel level, const char* line) {
    if (level >= LogLevel::error) {
        report_warning("tpmvsc", line);
    }
}

/// No secret may end up in a core file, and tpm2-tss writes errors of its own to standard error
/// that say less than ours.
void prepare_process() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::setenv("TSS2_LOG", "all+NONE", 0);
}

/// The subcommands that the command line named: "create", "key generate".
std::string command_of(const CLI::App& app) {
    std::string words;
    for (const CLI::App* command : app.get_subcommands()) {
        const std::string below = command_of(*command);
        words = command->get_name() + (below.empty() ? "" : " " + below);
    }
    return words;
}

/// "tpmvsc create", or "tpmvsc-admin authority new".
std::string words_of(const CLI::App& app) {
    const std::string command = command_of(app);
    return app.get_name() + (command.empty() ? "" : " " + command);
}

int report_parse_error(const CLI::App& app, const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
        return app.exit(error); // --help, --version
    }
    report_error(app.get_name(), error.what() + (" (see " + words_of(app) + " --help)"));
    return static_cast<int>(ExitCode::usage);
}

} // namespace

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

std::string not_empty(const std::string& value) {
    return value.empty() ? "must not be empty" : "";
}

int run_program(CLI::App& app, int argc, char** argv, Output& output, const Chosen& chosen,
                ExitCode (*exit_code_of)(const std::exception&)) {
    prepare_process();
    output.program = app.get_name();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return report_parse_error(app, error);
    }
    output.command = command_of(app);
    set_log_sink(output.verbose ? log_all : log_errors);
    try {
        const ExitCode code = chosen(output);
        if (!std::cout.flush()) {
            throw Failure(ExitCode::failed, "the result cannot be written to standard output");
        }
        return static_cast<int>(code);
    } catch (const std::exception& error) {
        report_error(output.program, error.what());
        return static_cast<int>(exit_code_of(error));
    }
}

} // namespace tpmvsc::cli
