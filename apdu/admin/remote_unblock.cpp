// SPDX-License-Identifier: Apache-2.0
#include "apdu/admin/remote_unblock.hpp"

#include "apdu/admin/status.hpp"
#include "apdu/outcome_status.hpp"
#include "base/tlv.hpp"

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

struct Lengths {
    std::size_t shortest;
    std::size_t longest;
};

/// What the commands of the card's own profile could carry later on.
bool fits_profile(card::Profile profile, ByteView pin) {
    const Lengths lengths = profile == card::Profile::piv ? Lengths{6, 8} : Lengths{4, 127};
    return pin.size() >= lengths.shortest && pin.size() <= lengths.longest;
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
    if (!fits_profile(card.identity().profile, pin)) {
        return sw::wrong_data;
    }
    return status_of(card.finish_remote_unblock(objects->front().value, pin));
}

} // namespace tpmvsc::admin
