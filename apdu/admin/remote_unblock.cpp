// SPDX-License-Identifier: Apache-2.0
#include "apdu/admin/remote_unblock.hpp"

#include "apdu/admin/status.hpp"
#include "apdu/outcome_status.hpp"
#include "base/tlv.hpp"
#include "card/pin_lengths.hpp"

namespace tpmvsc::admin {

namespace {

namespace sw = apdu::sw;

std::optional<card::ResetParty> party_of(std::uint8_t p2) {
    switch (p2) {
    case p2_admin_key:
        return card::ResetParty::admin_key;
    case p2_authority:
        return card::ResetParty::authority;
    default:
        return std::nullopt;
    }
}

apdu::StatusWord status_of(const card::PinOutcome& outcome) {
    using Result = card::PinOutcome::Result;
    switch (outcome.result) {
    case Result::wrong:
        return sw::security_status_not_satisfied;
    case Result::absent:
        return sw::conditions_not_satisfied;
    default:
        return apdu::status_of(outcome);
    }
}

apdu::Response challenge_or_none(const std::optional<ResetChallenge>& challenge) {
    return challenge ? apdu::Response(encode(*challenge)) : sw::conditions_not_satisfied;
}

} // namespace

apdu::Response get_challenge(card::Card& card, const apdu::Command& command) {
    if (!command.data.empty()) {
        return sw::wrong_length;
    }
    if (command.p1 == p1_last_challenge && command.p2 == 0x00) {
        return challenge_or_none(card.pending_remote_unblock());
    }
    const auto party = party_of(command.p2);
    if (command.p1 != p1_new_challenge || !party) {
        return sw::wrong_p1_p2;
    }
    return challenge_or_none(card.begin_remote_unblock(*party));
}

apdu::Response reset_retry_counter(card::Card& card, const apdu::Command& command) {
    if (command.p1_p2() != 0x0000) {
        return sw::wrong_p1_p2;
    }
    const auto objects = parse_all(command.data);
    if (!objects || objects->size() != 2 || objects->front().tag != tag_answer ||
        objects->back().tag != tag_new_pin) {
        return sw::wrong_data;
    }
    const ByteView pin = objects->back().value;
    // What the commands of the card's own profile could carry later on.
    if (!card::pin_lengths(card::PinKind::pin, card.identity().profile).allow(pin.size())) {
        return sw::wrong_data;
    }
    return status_of(card.finish_remote_unblock(objects->front().value, pin));
}

} // namespace tpmvsc::admin
