// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/settings.hpp"
#include "card/store.hpp"
#include "cli/driver_entry.hpp"
#include "cli/failure.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tpmvsc::cli {

/// KnownCard is a card as known from its folder, through its reader, or both.
struct KnownCard {
    std::string folder;                       ///< empty when known through the reader only
    std::optional<card::Identity> identity;   ///< nothing when it could not be read
    std::string reader;                       ///< what its reader is called
    std::optional<unsigned> reader_slot;      ///< what the reader's name says
    std::optional<card::Profile> atr_profile; ///< what the ATR says
    bool inserted = false;                    ///< programs see it
    std::string problem;                      ///< a sentence, empty when all is well

    /// As far as either source tells.
    std::optional<unsigned> slot() const { return identity ? identity->slot : reader_slot; }
    std::optional<card::Profile> profile() const {
        return identity ? identity->profile : atr_profile;
    }
    /// The id in hexadecimal: also the folder's name, so a damaged card has one too. Empty for a
    /// card that is known through its reader only.
    std::string id() const;
    /// How a person is told which card is meant.
    std::string title() const;
    /// For the journal; one whose identity is lost has only its id left.
    card::Identity identity_for_record() const;
};

/// Inventory is all cards of this machine, by slot.
struct Inventory {
    std::vector<KnownCard> cards;
    bool folders_seen =
        true;               ///< false where only root may look: then the readers told all there is
    std::string no_readers; ///< why pcscd could not be asked, empty when it could
    ExitCode no_readers_code = ExitCode::no_device; ///< what that is to a script

    /// Nothing is known of any card: whether there are some, either.
    bool sees_nothing() const { return !folders_seen && !no_readers.empty(); }
    /// What ends a command that cannot do without the readers.
    Failure without_readers() const { return Failure(no_readers_code, no_readers); }
    /// What keeps a command from a card that programs do not see.
    ExitCode code_for(const KnownCard& card) const {
        return card.problem.empty() ? no_readers_code : ExitCode::no_device;
    }
};

/// What to do about a card in a reader whose folder was not seen.
enum class Unseen {
    left_unasked, ///< it has a slot and a profile, but no name
    asked,        ///< it tells who it is; that may have to wait for other programs
};

/// take_inventory reads the folders where it may, and looks at the readers.
Inventory take_inventory(const Settings& settings, Unseen unseen);

/// profile_name is the name that the command line and JSON use.
const char* profile_name(card::Profile profile);

/// find_card finds the one card that `text` means: its name, id (or the beginning of it, eight
/// digits at least), serial number or slot. Throws Failure when there is none or more than one;
/// where neither folders nor readers were seen, why the readers were not.
const KnownCard& find_card(const Inventory& inventory, const std::string& text);

} // namespace tpmvsc::cli
