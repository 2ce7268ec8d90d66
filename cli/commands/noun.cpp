// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/noun.hpp"

#include <CLI/CLI.hpp>

namespace tpmvsc::cli {

CLI::App& noun(CLI::App& app, const std::string& name, const std::string& description) {
    const auto known =
        app.get_subcommands([&name](const CLI::App* one) { return one->check_name(name); });
    if (!known.empty()) {
        return *known.front();
    }
    CLI::App* made = app.add_subcommand(name, description);
    made->require_subcommand(1);
    made->footer("\n\"tpmvsc " + name + " VERB --help\" shows options and examples.\n");
    return *made;
}

} // namespace tpmvsc::cli
