// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/create.hpp"
#include "library/listener.hpp"
#include "library/workplace.hpp"

#include <string>
#include <vector>

/// What "tpmvsc create" and "tpmvsc reissue" and a program that uses the library have in common.
/// Errors: cli::Failure, and what card::create throws.
namespace tpmvsc::library {

/// Does what depends on the identity of a card that is about to be made: derives its admin key, has
/// its secrets kept somewhere. What it throws ends the making, and nothing is left.
using Complete = std::function<void(const card::Identity&, card::CreateOptions&)>;

/// require_new_name throws Failure when a card has this name.
void require_new_name(const card::Store& store, const std::string& name);
/// require_room does so, and when there is no slot left.
void require_room(const card::Store& store, const std::string& name);

/// require_possible throws Failure(usage) for options that no card can have, or that contradict
/// each other, and for a name, PIN, PUK or admin key that is none. `derived`: the admin key is
/// filled in later.
void require_possible(const card::CreateOptions& options, bool derived);

/// make_card makes a card: warns of weak values, clears leftovers away, makes it with the objects
/// of its profile. `owner` is the user whose card it is (cli::OwnerRule), or empty.
card::Identity make_card(Workplace& place, card::CreateOptions options, const std::string& owner,
                         const Complete& complete, const Listener& listener);

/// remake_card makes the card in `folder` anew: see card::reissue. Without an `owner` it belongs to
/// whom it belonged to.
card::Reissued remake_card(Workplace& place, const std::string& folder, card::CreateOptions options,
                           const std::string& owner, const Complete& complete,
                           const Listener& listener);

/// OldCard is what a card that is to be made anew still tells of itself.
struct OldCard {
    card::CreateOptions settings; ///< as far as they are known, else the defaults
    card::ResetParties parties;
    std::string unknown; ///< why they are not known, or empty
};

/// look_at_old_card opens the card in `folder`. Never throws.
OldCard look_at_old_card(Workplace& place, const std::string& folder,
                         const card::Identity& identity);

} // namespace tpmvsc::library
