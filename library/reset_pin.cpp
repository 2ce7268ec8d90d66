// SPDX-License-Identifier: Apache-2.0
#include "library/reset_pin.hpp"

#include "cli/client/unblocking.hpp"
#include "cli/failure.hpp"

namespace tpmvsc::library {

namespace client = cli::client;

namespace {

template<typename Step>
auto with_card(const cli::ChosenCard& card, Step step) {
    const cli::pcsc::Context context;
    cli::pcsc::Session session(context, card.reader);
    return step(session);
}

} // namespace

client::PinAnswer reset_pin_by_puk(const cli::ChosenCard& card, ByteView puk, ByteView new_pin) {
    return with_card(card, [&](cli::pcsc::Session& session) {
        return client::set_pin_by_puk(session, card.status.identity.profile, puk, new_pin);
    });
}

ResetChallenge new_challenge(const cli::ChosenCard& card, card::ResetParty party) {
    return with_card(card, [&](cli::pcsc::Session& session) {
        return client::ask_for_challenge(session, party);
    });
}

ResetChallenge last_challenge(const cli::ChosenCard& card) {
    return with_card(card,
                     [](cli::pcsc::Session& session) { return client::last_challenge(session); });
}

void reset_pin_by_answer(const cli::ChosenCard& card, const ResetChallenge& challenge,
                         ByteView answer, ByteView new_pin) {
    const auto parsed = parse_answer(
        std::string_view(reinterpret_cast<const char*>(answer.data()), answer.size()), challenge);
    if (!parsed.value) {
        throw cli::Failure(cli::ExitCode::usage, "this answer cannot be used: " + parsed.complaint);
    }
    with_card(card, [&](cli::pcsc::Session& session) {
        client::set_pin_by_answer(session, parsed.value->answer, new_pin);
        return true;
    });
}

} // namespace tpmvsc::library
