// SPDX-License-Identifier: Apache-2.0
#include "cli/card_report.hpp"
#include "cli/card_values.hpp"
#include "cli/pcsc.hpp"
#include "library/handle.hpp"
#include "library/reset_pin.hpp"

#include <cstring>

using namespace tpmvsc;
using namespace tpmvsc::library;

namespace {

cli::ChosenCard choose(const tpmvsc_handle& handle, const char* card) {
    const std::string text = text_of(card, "the card");
    const cli::Inventory inventory = cli::take_inventory(settings_of(handle), cli::Unseen::asked);
    const cli::KnownCard& known = cli::choose_card(inventory, text);
    if (!known.inserted) {
        throw cli::unusable(inventory, known);
    }
    const cli::pcsc::Context context;
    return {known.reader, cli::ask_card(context, known.reader)};
}

void require_pin(const cli::ChosenCard& card, ByteView pin) {
    if (const auto complaint = cli::complaint_about_pin(
            card::PinKind::pin, card.status.identity.profile, card.status.pin_rules, pin)) {
        throw cli::Failure(cli::ExitCode::usage, "the new PIN: " + *complaint);
    }
}

card::ResetParty party_of(tpmvsc_party party) {
    if (party != TPMVSC_BY_ADMIN_KEY && party != TPMVSC_BY_AUTHORITY) {
        throw cli::Failure(cli::ExitCode::usage, "there is no such party");
    }
    return party == TPMVSC_BY_AUTHORITY ? card::ResetParty::authority : card::ResetParty::admin_key;
}

} // namespace

tpmvsc_status tpmvsc_reset_pin_by_puk(tpmvsc_handle* handle, const char* card, const void* puk,
                                      size_t puk_size, const void* new_pin, size_t pin_size) {
    return guarded(handle, [&] {
        const ByteView known = view_of(puk, puk_size, "the PUK");
        const ByteView pin = view_of(new_pin, pin_size, "the new PIN");
        const cli::ChosenCard chosen = choose(*handle, card);
        require_pin(chosen, pin);
        const auto answer = reset_pin_by_puk(chosen, known, pin);
        if (!answer.right()) {
            throw cli::client::pin_failure(cli::client::Secret::puk, answer);
        }
    });
}

tpmvsc_status tpmvsc_challenge(tpmvsc_handle* handle, const char* card, tpmvsc_party party,
                               char* text, size_t size) {
    return guarded(handle, [&] {
        constexpr std::size_t longest = 64; // of 40 characters in groups, and the end
        if (text == nullptr || size < longest) {
            throw cli::Failure(cli::ExitCode::usage, "there is no room for the challenge");
        }
        text[0] = '\0';
        const card::ResetParty far = party_of(party);
        const std::string challenge = to_text(new_challenge(choose(*handle, card), far));
        if (challenge.size() >= size) {
            throw cli::Failure(cli::ExitCode::usage, "there is no room for the challenge");
        }
        std::memcpy(text, challenge.c_str(), challenge.size() + 1);
    });
}

tpmvsc_status tpmvsc_reset_pin_by_answer(tpmvsc_handle* handle, const char* card,
                                         const void* answer, size_t answer_size,
                                         const void* new_pin, size_t pin_size) {
    return guarded(handle, [&] {
        const ByteView text = view_of(answer, answer_size, "the answer");
        const ByteView pin = view_of(new_pin, pin_size, "the new PIN");
        const cli::ChosenCard chosen = choose(*handle, card);
        require_pin(chosen, pin);
        reset_pin_by_answer(chosen, last_challenge(chosen), text, pin);
    });
}
