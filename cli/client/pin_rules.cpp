// SPDX-License-Identifier: Apache-2.0
#include "cli/client/pin_rules.hpp"

#include "apdu/pin_rules.hpp"
#include "cli/client/gids_card.hpp"
#include "cli/client/piv_card.hpp"
#include "cli/client/refusal.hpp"

namespace tpmvsc::cli::client {
namespace {

void send(const pcsc::Session& session, const card::PinRules& rules) {
    const pcsc::Reply reply =
        exchange(session, {apdu::ins_put_simple_data, apdu::pin_rules_data >> 8,
                           apdu::pin_rules_data & 0xFF, apdu::encode_pin_rules(rules)});
    if (reply.status == apdu::sw::wrong_data.value) {
        throw Failure(ExitCode::unsupported, "the card does not keep such rules");
    }
    require_done("cannot set the rules", reply);
}

} // namespace

/// The card's object lives as long as what it has proven is needed.
void set_pin_rules(pcsc::Session& session, card::Profile profile, ByteView admin_key,
                   const card::PinRules& rules) {
    if (profile == card::Profile::gids) {
        GidsCard card(session);
        card.show_admin_key(admin_key);
        send(session, rules);
        return;
    }
    PivCard card(session);
    card.show_admin_key(admin_key);
    send(session, rules);
}

} // namespace tpmvsc::cli::client
