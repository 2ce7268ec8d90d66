// SPDX-License-Identifier: Apache-2.0
#include "cli/client/unblocking.hpp"

#include "apdu/admin/status.hpp"
#include "apdu/status_word.hpp"
#include "base/tlv.hpp"
#include "cli/client/gids_card.hpp"
#include "cli/client/piv_card.hpp"
#include "cli/client/refusal.hpp"
#include "cli/client/transport.hpp"

namespace tpmvsc::cli::client {
namespace {

void select_admin_applet(const pcsc::Session& session) {
    require_done("cannot select the application",
                 select_application(session, admin::application_identifier()));
}

ResetChallenge read_challenge(const pcsc::Reply& reply) {
    require_done("gives no challenge", reply);
    const auto challenge = admin::decode_challenge(reply.data);
    if (!challenge) {
        throw malformed("a challenge");
    }
    return *challenge;
}

pcsc::Reply get_challenge(const pcsc::Session& session, std::uint8_t p1, std::uint8_t p2) {
    select_admin_applet(session);
    return exchange(session, {admin::ins_get_challenge, p1, p2, {}});
}

bool waits_for_answer(const pcsc::Session& session) {
    return get_challenge(session, admin::p1_last_challenge, 0x00).done();
}

} // namespace

ResetChallenge ask_for_challenge(const pcsc::Session& session, card::ResetParty party) {
    const bool authority = party == card::ResetParty::authority;
    const pcsc::Reply reply = get_challenge(session, admin::p1_new_challenge,
                                            authority ? admin::p2_authority : admin::p2_admin_key);
    if (reply.status == apdu::sw::conditions_not_satisfied.value) {
        throw Failure(ExitCode::unsupported,
                      authority ? "this card knows no authority that may set its PIN"
                                : "this card does not let the admin key's holder set its PIN");
    }
    return read_challenge(reply);
}

ResetChallenge last_challenge(const pcsc::Session& session) {
    const pcsc::Reply reply = get_challenge(session, admin::p1_last_challenge, 0x00);
    if (reply.status == apdu::sw::conditions_not_satisfied.value) {
        throw Failure(ExitCode::failed, "no challenge of this card waits for an answer: get one "
                                        "with \"tpmvsc unblock --challenge\"");
    }
    return read_challenge(reply);
}

void set_pin_by_answer(const pcsc::Session& session, ByteView answer, ByteView new_pin) {
    select_admin_applet(session);
    TlvWriter writer;
    const pcsc::Reply reply = exchange(
        session, {admin::ins_reset_retry_counter, 0x00, 0x00,
                  writer.add(admin::tag_answer, answer).add(admin::tag_new_pin, new_pin).take()});
    switch (reply.status) {
    case apdu::sw::security_status_not_satisfied.value:
        throw Failure(ExitCode::not_authorised,
                      "this is not the right answer to the card's challenge; the challenge stays");
    case apdu::sw::authentication_blocked.value:
        throw Failure(ExitCode::not_authorised, "after too many wrong answers the card hears none "
                                                "for a while: try again in a few minutes");
    case apdu::sw::conditions_not_satisfied.value:
        throw Failure(ExitCode::failed,
                      "the challenge is not good any more, since the computer was restarted or "
                      "another answer came first: begin again with \"tpmvsc unblock "
                      "--challenge\"");
    case apdu::sw::wrong_data.value:
        throw Failure(ExitCode::usage,
                      std::string("the card does not take this PIN: it is against the card's rules "
                                  "(tpmvsc info)") +
                          (waits_for_answer(session) ? "; the challenge stays"
                                                     : ", or one of its last PINs; the answer is "
                                                       "spent: begin again with --challenge"));
    default:
        require_done("cannot set the PIN", reply);
    }
}

PinAnswer set_pin_by_puk(pcsc::Session& session, card::Profile profile, ByteView puk,
                         ByteView new_pin) {
    return profile == card::Profile::gids ? GidsCard(session).reset_pin(puk, new_pin)
                                          : PivCard(session).reset_pin(puk, new_pin);
}

} // namespace tpmvsc::cli::client
