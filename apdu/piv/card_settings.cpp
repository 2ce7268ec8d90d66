// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/card_settings.hpp"

#include "apdu/outcome_status.hpp"
#include "apdu/piv/initial_objects.hpp"
#include "base/crypto.hpp"

namespace tpmvsc::piv {

namespace {

namespace sw = apdu::sw;
using apdu::StatusWord;

bool is_blocked(card::Card& card, card::PinKind kind) {
    return card.tries(kind).left == 0;
}

} // namespace

StatusWord set_admin_key(card::Card& card, const card::AdminSession& admin,
                         const SetAdminKey& command) {
    if (command.algorithm == card::AdminAlgorithm::tdes && crypto::has_weak_des_key(command.key)) {
        return sw::wrong_data;
    }
    card.admin_key().change(admin, command.algorithm, command.key);
    return sw::success;
}

StatusWord set_tries(card::Card& card, const card::AdminSession& admin, const SetTries& command) {
    if (!card.can_set_tries()) {
        return sw::instruction_not_supported;
    }
    const card::PinOutcome outcome = card.set_tries(admin, command.pin, command.puk);
    return outcome.result == card::PinOutcome::Result::absent ? sw::security_status_not_satisfied
                                                              : apdu::status_of(outcome);
}

/// Only where nobody is left who could set a new PIN: else a few wrong ones would erase the card of
/// somebody who can still be helped. Where the TPM's lockout guards the PIN nothing is ever
/// blocked: no tries now is a matter of time.
bool may_be_reset(card::Card& card) {
    const card::ResetParties parties = card.reset_parties();
    if (parties.admin_key || parties.authority ||
        card.anti_hammering() == card::AntiHammering::lockout) {
        return false;
    }
    return is_blocked(card, card::PinKind::pin) && is_blocked(card, card::PinKind::puk);
}

StatusWord reset_card(card::Card& card) {
    if (!may_be_reset(card)) {
        return sw::conditions_not_satisfied;
    }
    card.reset(initial_objects(card.identity()));
    return sw::success;
}

} // namespace tpmvsc::piv
