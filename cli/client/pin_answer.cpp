// SPDX-License-Identifier: Apache-2.0
#include "cli/client/pin_answer.hpp"

#include "apdu/status_word.hpp"
#include "cli/client/refusal.hpp"
#include "cli/output.hpp"

namespace tpmvsc::cli::client {
namespace {

constexpr unsigned tries_base = 0x63C0;
constexpr unsigned tries_mask = 0x000F;

const char* name_of(Secret secret) {
    return secret == Secret::pin ? "PIN" : "PUK";
}

std::string advice_when_blocked(Secret secret) {
    return secret == Secret::pin
               ? "the PIN is blocked after too many wrong ones: set a new one with \"tpmvsc "
                 "unblock\""
               : "the PUK is blocked after too many wrong ones: nothing unblocks it";
}

} // namespace

PinAnswer read_pin_answer(unsigned status) {
    using Kind = PinAnswer::Kind;
    if (status == apdu::sw::success.value) {
        return {Kind::right, 0, status};
    }
    if ((status & ~tries_mask) == tries_base) {
        return {Kind::wrong, status & tries_mask, status};
    }
    if (status == apdu::sw::authentication_blocked.value) {
        return {Kind::blocked, 0, status};
    }
    if (status == apdu::sw::wrong_data.value) {
        return {Kind::refused, 0, status};
    }
    return {Kind::other, 0, status};
}

Failure pin_failure(Secret secret, const PinAnswer& answer) {
    const std::string name = name_of(secret);
    switch (answer.kind) {
    case PinAnswer::Kind::wrong:
        return {ExitCode::not_authorised,
                answer.tries_left == 0
                    ? "wrong " + name +
                          ", and that was the last try: " + advice_when_blocked(secret)
                    : "wrong " + name + ": " + std::to_string(answer.tries_left) +
                          (answer.tries_left == 1 ? " try left" : " tries left")};
    case PinAnswer::Kind::blocked:
        return {ExitCode::not_authorised, advice_when_blocked(secret)};
    case PinAnswer::Kind::refused:
        return {ExitCode::usage, "the card does not take the new value: it is against the card's "
                                 "rules (tpmvsc info)"};
    default:
        return refusal("cannot compare the " + name, answer.status);
    }
}

} // namespace tpmvsc::cli::client
