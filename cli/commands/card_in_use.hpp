// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/chosen_card.hpp"
#include "cli/client/piv_card.hpp"

#include <memory>

namespace tpmvsc::cli {

/// CardInUse holds the card of one command from beginning to end, in one transaction: no other
/// program comes between. Questions are asked before, so that nobody waits for an answer with the
/// card in hand.
class CardInUse {
  public:
    explicit CardInUse(const ChosenCard& card);
    /// What the commands on keys and certificates ask of it.
    client::KeyCard& keys() { return *card_; }
    /// A PIV card: require_piv has looked.
    client::PivCard& piv();

  private:
    pcsc::Context context_;
    pcsc::Session session_;
    std::unique_ptr<client::KeyCard> card_;
};

/// require_piv throws Failure(unsupported) for a card of another profile, which has no such thing
/// as `what`.
void require_piv(const ChosenCard& card, const std::string& what);

/// What the card told of the key in `slot`; nothing where there is none.
std::optional<admin::KeyStatus> key_in(const ChosenCard& card, card::KeySlot slot);

} // namespace tpmvsc::cli
