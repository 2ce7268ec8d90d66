// SPDX-License-Identifier: Apache-2.0
#include "cli/failure.hpp"
#include "cli/inventory.hpp"
#include "cli/program.hpp"
#include "cli/tpmvscmgr.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>

namespace tpmvsc::cli {
namespace {

int run(const char* name, int argc, char** argv) {
    CLI::App app;
    Output output;
    Chosen chosen;
    declare_program(app, output, chosen);
    app.name(name);
    return run_program(app, argc, argv, output, chosen, exit_code_of);
}

/// Gives the id of the card in `slot`. Throws Failure when there is none.
std::string card_in(unsigned slot) {
    const Inventory inventory = take_inventory(load_settings(), Unseen::asked);
    if (inventory.sees_nothing()) {
        throw inventory.without_readers();
    }
    for (const KnownCard& card : inventory.cards) {
        if (card.slot() == slot && !card.id().empty()) {
            return card.id();
        }
    }
    throw Failure(ExitCode::failed, "there is no card in slot " + std::to_string(slot));
}

/// Under Windows' name it takes Windows' words.
int run_as_tpmvscmgr(int argc, char** argv) {
    Translation translation;
    try {
        translation = from_tpmvscmgr({argv + 1, argv + argc});
        if (translation.arguments.empty()) {
            std::cout << tpmvscmgr_usage;
            return static_cast<int>(ExitCode::done);
        }
        if (translation.slot) {
            translation.arguments.push_back(card_in(*translation.slot));
        }
    } catch (const std::exception& failure) {
        report_error(tpmvscmgr_program, failure.what());
        return static_cast<int>(exit_code_of(failure));
    }
    std::vector<char*> words{argv[0]};
    for (std::string& word : translation.arguments) {
        words.push_back(word.data());
    }
    const int status = run(tpmvscmgr_program, static_cast<int>(words.size()), words.data());
    if (status == static_cast<int>(ExitCode::done)) {
        for (const std::string& remark : translation.remarks) {
            std::cerr << tpmvscmgr_program << ": " << remark << '\n';
        }
    }
    return status;
}

bool is_tpmvscmgr(int argc, char** argv) {
    return argc > 0 && std::filesystem::path(argv[0]).filename() == tpmvscmgr_program;
}

} // namespace
} // namespace tpmvsc::cli

int main(int argc, char** argv) {
    try {
        return tpmvsc::cli::is_tpmvscmgr(argc, argv) ? tpmvsc::cli::run_as_tpmvscmgr(argc, argv)
                                                     : tpmvsc::cli::run("tpmvsc", argc, argv);
    } catch (...) { // out of memory: there is nothing left to say it with
        return static_cast<int>(tpmvsc::cli::ExitCode::failed);
    }
}
