// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"

#include "cli/client/gids_card.hpp"

#include <algorithm>

namespace tpmvsc::cli {
namespace {

std::unique_ptr<client::KeyCard> card_of(card::Profile profile, pcsc::Session& session) {
    if (profile == card::Profile::gids) {
        return std::make_unique<client::GidsCard>(session);
    }
    return std::make_unique<client::PivCard>(session);
}

} // namespace

CardInUse::CardInUse(const ChosenCard& card)
    : session_(context_, card.reader), card_(card_of(card.status.identity.profile, session_)) {}

client::PivCard& CardInUse::piv() {
    return dynamic_cast<client::PivCard&>(*card_);
}

void require_piv(const ChosenCard& card, const std::string& what) {
    if (card.status.identity.profile != card::Profile::piv) {
        throw Failure(ExitCode::unsupported,
                      card.title() + " has the profile gids: " + what + " is for PIV cards");
    }
}

std::optional<admin::KeyStatus> key_in(const ChosenCard& card, card::KeySlot slot) {
    const auto& keys = card.status.keys;
    const auto found = std::find_if(keys.begin(), keys.end(),
                                    [slot](const auto& key) { return key.slot == slot; });
    return found == keys.end() ? std::nullopt : std::optional(*found);
}

} // namespace tpmvsc::cli
