// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/admin/status.hpp"
#include "cli/inventory.hpp"

#include <string>

namespace CLI {
class App;
}

namespace tpmvsc::cli {

/// CardChoice is what the command line says about which card is meant.
struct CardChoice {
    std::string card;
    std::string reader;
};

/// add_card_choice declares --card and --reader.
void add_card_choice(CLI::App& command, CardChoice& choice);

/// choose_card gives the card that `text` means (find_card), or the only one where it is empty.
/// Throws Failure: no_device when there is no card, what pcscd's refusal means when that is why
/// none is known, usage when there are several to choose from.
const KnownCard& choose_card(const Inventory& inventory, const std::string& text);

/// unusable is said of a card that programs do not see.
Failure unusable(const Inventory& inventory, const KnownCard& card);

/// ChosenCard is a card in its reader, and what it told of itself: PIN tries, rules, keys.
struct ChosenCard {
    std::string reader;
    admin::CardStatus status;

    /// How a person is told which card is meant.
    std::string title() const;
};

/// ask_chosen_card finds the card that is meant and asks it. Throws Failure and pcsc::Error.
ChosenCard ask_chosen_card(const CardChoice& choice);

} // namespace tpmvsc::cli
