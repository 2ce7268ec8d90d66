// SPDX-License-Identifier: Apache-2.0
#include "cli/chosen_card.hpp"

#include "cli/card_report.hpp"
#include "cli/failure.hpp"
#include "cli/output.hpp"
#include "cli/pcsc.hpp"

#include <CLI/CLI.hpp>

namespace tpmvsc::cli {
namespace {

std::string reader_of(const CardChoice& choice) {
    if (!choice.reader.empty()) {
        return choice.reader;
    }
    const Inventory inventory = take_inventory(load_settings(), Unseen::asked);
    const KnownCard& card = choose_card(inventory, choice.card);
    if (!card.inserted) {
        throw unusable(inventory, card);
    }
    return card.reader;
}

} // namespace

void add_card_choice(CLI::App& command, CardChoice& choice) {
    CLI::Option* card =
        command
            .add_option("--card", choice.card,
                        "name, serial number, id or slot of the card; not needed for the only "
                        "one")
            ->type_name("CARD");
    command.add_option("--reader", choice.reader, "the card in this reader")
        ->type_name("READER")
        ->excludes(card);
}

const KnownCard& choose_card(const Inventory& inventory, const std::string& text) {
    if (inventory.cards.empty() && !inventory.no_readers.empty()) {
        throw inventory.without_readers();
    }
    if (!text.empty()) {
        return find_card(inventory, text);
    }
    if (inventory.cards.size() == 1) {
        return inventory.cards.front();
    }
    if (inventory.cards.empty()) {
        throw Failure(ExitCode::no_device, "there is no card: make one with tpmvsc create");
    }
    std::string names;
    for (const KnownCard& card : inventory.cards) {
        names += (names.empty() ? "" : ", ") + card.title();
    }
    throw Failure(ExitCode::usage, "say which card: " + names);
}

Failure unusable(const Inventory& inventory, const KnownCard& card) {
    return Failure(inventory.code_for(card),
                   card.title() + " cannot be used: " +
                       (card.problem.empty() ? inventory.no_readers : card.problem));
}

std::string ChosenCard::title() const {
    return "card \"" + printable(status.identity.name) + "\"";
}

ChosenCard ask_chosen_card(const CardChoice& choice) {
    ChosenCard chosen;
    chosen.reader = reader_of(choice);
    const pcsc::Context context;
    chosen.status = ask_card(context, chosen.reader);
    return chosen;
}

} // namespace tpmvsc::cli
