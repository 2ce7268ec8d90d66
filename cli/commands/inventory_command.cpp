// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_commands.hpp"
#include "cli/commands/inventory_document.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* inventory_examples =
    "Examples:\n"
    "  sudo tpmvsc inventory\n"
    "      all cards, keys and certificates of this computer, and what ends within 30 days\n"
    "  sudo tpmvsc inventory --json\n"
    "      for programs that collect such records; doc/inventory.md has the members\n"
    "  sudo tpmvsc inventory --csv > /var/lib/fleet/cards.csv\n"
    "  tpmvsc inventory --expires-within 90 --json | jq '.expiring[]'\n"
    "As another user than root it tells of the cards that programs of this user see, and not whose "
    "they are.\n";

struct InventoryArguments {
    bool csv = false;
    unsigned days = 30;
};

ExitCode show_inventory(const InventoryArguments& arguments, Output& output) {
    const Inventory inventory = take_inventory(load_settings(), Unseen::asked);
    if (!inventory.no_readers.empty()) {
        if (!inventory.folders_seen) {
            throw inventory.without_readers();
        }
        output.warning(inventory.no_readers);
    }
    Json document = make_inventory(inventory, arguments.days);
    if (output.json) {
        document["warnings"] = output.warnings();
        output.document(document);
    } else {
        std::cout << (arguments.csv ? inventory_csv(document) : inventory_text(document))
                  << std::flush;
    }
    return ExitCode::done;
}

} // namespace

void add_inventory_command(CLI::App& app, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<InventoryArguments>();
    CLI::App* command = app.add_subcommand(
        "inventory", "show who has what: all cards, keys and certificates of this computer");
    command->add_flag("--csv", arguments->csv, "a line for each key, for spreadsheets (RFC 4180)");
    command
        ->add_option("--expires-within", arguments->days,
                     "days: list certificates that end within them, or have ended")
        ->check(CLI::Range(0u, 36500u))
        ->capture_default_str();
    add_common_options(*command, output, inventory_examples);
    command->get_option("--csv")->excludes(command->get_option("--json"));
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return show_inventory(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
