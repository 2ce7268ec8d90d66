// SPDX-License-Identifier: Apache-2.0
#include "cli/admin/program.hpp"

#include <CLI/CLI.hpp>

namespace tpmvsc::cli {
namespace {

ExitCode exit_code_of(const std::exception& error) {
    const auto* failure = dynamic_cast<const Failure*>(&error);
    return failure != nullptr ? failure->code() : ExitCode::failed;
}

int run(int argc, char** argv) {
    CLI::App app;
    Output output;
    Chosen chosen;
    declare_admin_program(app, output, chosen);
    return run_program(app, argc, argv, output, chosen, exit_code_of);
}

} // namespace
} // namespace tpmvsc::cli

int main(int argc, char** argv) {
    try {
        return tpmvsc::cli::run(argc, argv);
    } catch (...) { // out of memory: there is nothing left to say it with
        return static_cast<int>(tpmvsc::cli::ExitCode::failed);
    }
}
