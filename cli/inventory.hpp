// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/settings.hpp"
#include "card/store.hpp"
#include "cli/driver_entry.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tpmvsc::cli {

/// KnownCard is a card as known from its folder, through its reader, or both.
struct KnownCard {
    std::string folder;                     ///< empty when known through the reader only
    std::optional<card::Identity> identity; ///< nothing when it could not be read
    std::string reader;                     ///< what its reader is called
    bool inserted = false;                  ///< programs see it
    std::string problem;                    ///< a sentence, empty when all is well

    /// The id in hexadecimal: also the folder's name, so a damaged card has one too.
    std::string id() const;
    /// How a person is told which card is meant.
    std::string title() const;
};

/// Inventory is all cards of this machine, by slot.
struct Inventory {
    std::vector<KnownCard> cards;
    bool folders_seen =
        true;               ///< false where only root may look: then the readers told all there is
    std::string no_readers; ///< why pcscd could not be asked, empty when it could
};

/// take_inventory reads the folders where it may, and looks at the readers. It asks a card itself
/// only when no folder told of it: that ends the logins of other programs.
Inventory take_inventory(const Settings& settings);

/// profile_name is the name that the command line and JSON use.
const char* profile_name(card::Profile profile);

/// find_card finds the one card that `text` means: its name, id (or the beginning of it, eight
/// digits at least), serial number or slot. Throws Failure when there is none or more than one.
const KnownCard& find_card(const std::vector<KnownCard>& cards, const std::string& text);

} // namespace tpmvsc::cli
