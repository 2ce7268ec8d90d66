// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/piv_keys.hpp"
#include "cli/client/piv_card.hpp"
#include "cli/client/refusal.hpp"

namespace tpmvsc::cli::client {
namespace {

bool is_empty(const PivCard& card, card::KeySlot slot) {
    return !card.key(slot) && !card.has_certificate(slot);
}

/// The first retired slot that holds neither key nor certificate.
card::KeySlot empty_retired_slot(const PivCard& card) {
    for (const piv::KeyReference& reference : piv::key_references()) {
        if (reference.retired && is_empty(card, reference.slot)) {
            return reference.slot;
        }
    }
    throw Failure(ExitCode::failed,
                  "all retired slots of the card are taken: delete a key that is no longer needed");
}

} // namespace

Succession PivCard::plan_succession(card::KeySlot former, std::optional<card::KeySlot> keep) const {
    if (!keep) {
        return {former, former, empty_retired_slot(*this)};
    }
    if (*keep == former || !is_empty(*this, *keep)) {
        throw Failure(ExitCode::failed,
                      "slot " + to_hex(Bytes{*keep}) + " is not empty: choose another slot");
    }
    return {former, former, *keep};
}

void PivCard::begin_succession(const Succession& plan, card::KeyAlgorithm algorithm,
                               card::PinPolicy pin_policy) {
    move_pair(plan.former, plan.kept);
    (void)generate_key({plan.fresh, algorithm, pin_policy, std::nullopt, {}});
}

/// Nobody has seen the new key yet.
void PivCard::undo_succession(const Succession& plan) {
    if (!key(plan.kept)) {
        return; // the former one has not moved
    }
    if (key(plan.fresh)) {
        delete_key(plan.fresh);
    }
    move_pair(plan.kept, plan.former);
}

} // namespace tpmvsc::cli::client
