// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace tpmvsc::card {

enum class PinKind { pin, puk };

/// PinTries is what a card says about a counter.
struct PinTries {
    unsigned left = 0;
    unsigned limit = 0;
};

/// PinOutcome is the TPM's answer to a PIN or PUK.
struct PinOutcome {
    enum class Result {
        right,
        wrong,   ///< it cost one try; `tries_left` says what remains
        blocked, ///< no tries left: even the right value is refused until it is unblocked
        locked,  ///< the TPM's dictionary-attack lockout: refused for a time, blocked is nothing
        absent,  ///< this card has no such PIN or PUK
    };
    Result result = Result::wrong;
    unsigned tries_left = 0;

    bool right() const { return result == Result::right; }
};

} // namespace tpmvsc::card
