// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/card_edge.hpp"
#include "base/settings.hpp"
#include "card/card.hpp"

namespace tpmvsc::apdu {

/// atr_of is what a card of `profile` answers to reset, with its check byte.
ByteView atr_of(card::Profile profile);

/// make_card_edge puts the applets of the card's profile and the admin applet in front of `card`,
/// which must outlive the result. They heed what `settings` say of their profile.
std::unique_ptr<CardEdge> make_card_edge(card::Card& card, const Settings& settings = {});

} // namespace tpmvsc::apdu
