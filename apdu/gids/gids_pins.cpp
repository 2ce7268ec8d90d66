// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/gids_pins.hpp"

#include "apdu/outcome_status.hpp"
#include "base/tlv.hpp"

#include <algorithm>

namespace tpmvsc::gids {

namespace {

namespace sw = apdu::sw;
using apdu::Response;
using apdu::StatusWord;
using card::PinKind;

bool has(card::Card& card, PinKind kind) {
    return kind == PinKind::pin || card.reset_parties().puk;
}

/// True when the border may have been the wrong one: the old value was wrong, or what was left for
/// the new one was refused.
bool may_be_elsewhere(StatusWord status) {
    return (status.value & 0xFFF0) == sw::tries_left(0).value || status == sw::wrong_data;
}

/// Splits `both` where the old value ends and has `attempt` compare it. Where the card has two
/// lengths after an interruption, a second one is tried, unless it would cost the last try.
template<typename Attempt>
StatusWord with_split(card::Card& card, PinKind kind, ByteView both, Attempt&& attempt) {
    StatusWord status = sw::authentication_blocked;
    for (const std::size_t length : card.lengths_of(kind)) {
        const std::size_t border = std::min(length, both.size());
        status = attempt(both.first(border), both.subspan(border));
        if (!may_be_elsewhere(status) || card.tries(kind).left <= 1) {
            break;
        }
    }
    return status;
}

/// Tells that a new value breaks the rules, to who knows the old one: the value is replaced by
/// itself, which counts a wrong one. It is no login.
StatusWord refuse_new_value(card::Card& card, PinKind kind, ByteView known) {
    const card::PinOutcome outcome = card.change(kind, known, known);
    if (kind == PinKind::pin) {
        card.logout();
    }
    return outcome.right() ? sw::wrong_data : apdu::status_of(outcome);
}

} // namespace

Response tries(card::Card& card, const GetTries& command) {
    constexpr std::uint32_t tag_left = 0x97;
    constexpr std::uint32_t tag_limit = 0x93;
    const card::PinTries tries = card.tries(command.kind);
    if (tries.limit == 0) {
        return sw::reference_not_found;
    }
    const auto in_a_byte = [](unsigned number) {
        return Bytes{static_cast<std::uint8_t>(std::min(number, 255u))};
    };
    TlvWriter writer;
    return Response(writer.open(command.tag)
                        .add(tag_left, in_a_byte(tries.left))
                        .add(tag_limit, in_a_byte(tries.limit))
                        .close()
                        .take());
}

StatusWord verify_status(card::Card& card) {
    if (card.is_blank() || card.logged_in()) {
        return sw::success;
    }
    const unsigned left = card.tries(PinKind::pin).left;
    return left == 0 ? sw::authentication_blocked : sw::tries_left(left);
}

StatusWord change(card::Card& card, const ChangeReference& command) {
    if (!has(card, command.kind)) {
        return sw::reference_not_found;
    }
    return with_split(card, command.kind, command.old_and_new, [&](ByteView known, ByteView fresh) {
        return is_pin_length(fresh.size())
                   ? apdu::status_of(card.change(command.kind, known, fresh))
                   : refuse_new_value(card, command.kind, known);
    });
}

StatusWord set_reference(card::Card& card, const SetReference& command) {
    if (!card.is_blank()) {
        return sw::conditions_not_satisfied;
    }
    if (!has(card, command.kind)) {
        return sw::reference_not_found;
    }
    if (!is_pin_length(command.value.size())) {
        return sw::wrong_data;
    }
    return apdu::status_of(card.set_initial(command.kind, command.value));
}

StatusWord reset_by_puk(card::Card& card, const ResetByPuk& command) {
    if (!has(card, PinKind::puk)) {
        return sw::reference_not_found;
    }
    return with_split(card, PinKind::puk, command.puk_and_new, [&](ByteView puk, ByteView fresh) {
        return is_pin_length(fresh.size()) ? apdu::status_of(card.reset_pin_by_puk(puk, fresh))
                                           : refuse_new_value(card, PinKind::puk, puk);
    });
}

StatusWord reset_by_administrator(card::Card& card, const card::AdminSession& admin,
                                  const ResetByAdministrator& command) {
    if (!card.reset_parties().admin_key) {
        return sw::security_status_not_satisfied;
    }
    if (!is_pin_length(command.new_pin.size())) {
        return sw::wrong_data;
    }
    return apdu::status_of(card.reset_pin_by_admin(admin, command.new_pin));
}

} // namespace tpmvsc::gids
