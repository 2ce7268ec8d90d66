// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/pin_refusal.hpp"

#include "cli/card_report.hpp"
#include "cli/lockout_text.hpp"
#include "cli/pcsc.hpp"

namespace tpmvsc::cli {
namespace {

using Kind = client::PinAnswer::Kind;

/// After an answer from a card in the lockout, with what the card says of it now.
std::string sentence(const std::string& name, Kind kind, const admin::CardStatus& status) {
    const std::string wrong = kind == Kind::wrong ? "wrong " + name : "";
    if (status.locked_for) {
        return (wrong.empty() ? name + " not compared" : wrong) + ": the TPM is locked for " +
               wait_text(*status.locked_for) +
               ", after too many wrong values of all its users; the " + name +
               " is not blocked (tpmvsc lockout status)";
    }
    if (wrong.empty()) {
        return name + " not compared: the TPM was locked until now; try again";
    }
    return wrong + ": " + std::to_string(status.pin.left) + " of " +
           std::to_string(status.pin.limit) + " tries left, for all users of this TPM together";
}

} // namespace

Failure pin_refusal(const ChosenCard& card, client::Secret secret,
                    const client::PinAnswer& answer) {
    const bool counted = answer.kind == Kind::wrong || answer.kind == Kind::blocked;
    if (!counted || card.status.anti_hammering == card::AntiHammering::counter) {
        return client::pin_failure(secret, answer);
    }
    const pcsc::Context context;
    return {ExitCode::not_authorised, sentence(secret == client::Secret::pin ? "PIN" : "PUK",
                                               answer.kind, ask_card(context, card.reader))};
}

} // namespace tpmvsc::cli
