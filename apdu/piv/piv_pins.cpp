// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/piv_pins.hpp"

#include "apdu/outcome_status.hpp"

namespace tpmvsc::piv {

namespace {

namespace sw = apdu::sw;
using apdu::StatusWord;

/// Compares a PIN or PUK and changes nothing but the tries: the value is replaced by itself. A PIN
/// thereby verified is left so only if it was before.
card::PinOutcome compare(card::Card& card, card::PinKind kind, ByteView value) {
    const bool was_logged_in = card.logged_in();
    const card::PinOutcome outcome =
        kind == card::PinKind::pin ? card.verify_pin(value) : card.change(kind, value, value);
    if (outcome.right() && kind == card::PinKind::pin && !was_logged_in) {
        card.logout();
    }
    return outcome;
}

/// Tells that a new value breaks the format, to who knows the old one.
StatusWord refuse_new_value(card::Card& card, card::PinKind kind, ByteView known) {
    const card::PinOutcome outcome = compare(card, kind, known);
    return outcome.right() ? sw::wrong_data : apdu::status_of(outcome);
}

} // namespace

StatusWord pin_status(card::Card& card) {
    if (card.logged_in()) {
        return sw::success;
    }
    const unsigned left = card.tries(card::PinKind::pin).left;
    return left == 0 ? sw::authentication_blocked : sw::tries_left(left);
}

StatusWord verify(card::Card& card, const VerifyPin& command) {
    return apdu::status_of(card.verify_pin(command.pin));
}

StatusWord change(card::Card& card, const ChangeReference& command) {
    if (!command.new_value) {
        return refuse_new_value(card, command.kind, command.old_value);
    }
    return apdu::status_of(card.change(command.kind, command.old_value, *command.new_value));
}

StatusWord reset_retry_counter(card::Card& card, const ResetRetryCounter& command) {
    if (!command.new_pin) {
        return refuse_new_value(card, card::PinKind::puk, command.puk);
    }
    return apdu::status_of(card.reset_pin_by_puk(command.puk, *command.new_pin));
}

} // namespace tpmvsc::piv
