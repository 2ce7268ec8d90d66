// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"

#include <algorithm>

namespace tpmvsc::cli {

void require_piv(const ChosenCard& card, const std::string& what) {
    if (card.status.identity.profile != card::Profile::piv) {
        throw Failure(ExitCode::unsupported,
                      card.title() + " has the profile gids: " + what +
                          " is for PIV cards. On this card OpenSC's pkcs15-init does such things");
    }
}

std::optional<admin::KeyStatus> key_in(const ChosenCard& card, card::KeySlot slot) {
    const auto& keys = card.status.keys;
    const auto found = std::find_if(keys.begin(), keys.end(),
                                    [slot](const auto& key) { return key.slot == slot; });
    return found == keys.end() ? std::nullopt : std::optional(*found);
}

} // namespace tpmvsc::cli
