// SPDX-License-Identifier: Apache-2.0
#include "cli/colour.hpp"
#include "cli/command.hpp"
#include "cli/inventory.hpp"

#include <CLI/CLI.hpp>

#include <unistd.h>
#include <utility>

namespace tpmvsc::cli {
namespace {

constexpr const char* list_examples = "Examples:\n"
                                      "  tpmvsc list\n"
                                      "  tpmvsc list --json | jq -r '.cards[].reader'\n";

constexpr std::size_t shown_id_digits = 8;

Json to_json(const KnownCard& card) {
    Json json = Json::object();
    if (!card.id().empty()) {
        json["id"] = card.id();
    }
    if (card.identity) {
        json["name"] = card.identity->name;
        json["serial"] = card.identity->serial;
        json["created"] = card.identity->created;
    }
    if (const auto profile = card.profile()) {
        json["profile"] = profile_name(*profile);
    }
    if (const auto slot = card.slot()) {
        json["slot"] = *slot;
    }
    json["reader"] = card.reader;
    json["inserted"] = card.inserted;
    json["problem"] = card.problem;
    return json;
}

std::vector<std::string> to_row(const KnownCard& card) {
    const std::string unknown = "?";
    const auto slot = card.slot();
    const auto profile = card.profile();
    const std::string id = card.id().substr(0, shown_id_digits);
    return {slot ? std::to_string(*slot) : unknown,
            card.identity ? printable(card.identity->name) : unknown,
            profile ? profile_name(*profile) : unknown,
            card.identity ? std::to_string(card.identity->serial) : unknown,
            id.empty() ? unknown : id,
            card.reader.empty() ? unknown : card.reader};
}

void print_cards(const std::vector<KnownCard>& cards, const Output& output) {
    std::vector<std::vector<std::string>> rows{
        {"SLOT", "NAME", "PROFILE", "SERIAL", "ID", "READER"}};
    for (const auto& card : cards) {
        rows.push_back(to_row(card));
    }
    std::string text = headed_table(std::move(rows));
    text.pop_back();
    output.line(text);
    for (const auto& card : cards) {
        if (!card.problem.empty()) {
            output.line(in_colour(Colour::bad, "Problem:", STDOUT_FILENO) + " " + card.title() +
                        ": " + card.problem);
        }
    }
}

void print(const Inventory& inventory, const Output& output) {
    if (!inventory.cards.empty()) {
        print_cards(inventory.cards, output);
    } else if (inventory.folders_seen) {
        output.line("No cards. Make one: sudo tpmvsc create --name NAME");
    } else {
        output.line("No cards that programs see.");
    }
    if (!inventory.folders_seen) {
        output.line("This is what the readers show. Names, and cards without a reader, are for "
                    "root to see; \"tpmvsc info SLOT\" asks a card itself.");
    }
}

ExitCode list_cards(Output& output) {
    const Inventory inventory = take_inventory(load_settings(), Unseen::left_unasked);
    if (inventory.sees_nothing()) {
        throw inventory.without_readers();
    }
    if (!inventory.no_readers.empty()) {
        output.warning(inventory.no_readers);
    }
    if (output.json) {
        Json cards = Json::array();
        for (const auto& card : inventory.cards) {
            cards.push_back(to_json(card));
        }
        output.document({{"cards", cards}, {"warnings", output.warnings()}});
    } else {
        print(inventory, output);
    }
    return ExitCode::done;
}

} // namespace

void add_list_command(CLI::App& app, Output& output, Chosen& chosen) {
    CLI::App* command = app.add_subcommand("list", "show all cards of this computer");
    add_common_options(*command, output, list_examples);
    command->callback([&chosen] { chosen = list_cards; });
}

} // namespace tpmvsc::cli
