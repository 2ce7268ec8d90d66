// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace tpmvsc::card {

enum class PinKind { pin, puk };

/// AntiHammering is what stands against guessing at PIN and PUK.
enum class AntiHammering {
    counter, ///< the card's own tries, counted by the TPM: then blocked until unblocked
    lockout, ///< the TPM's dictionary-attack logic: delayed, together with all its other users
};

/// ResetParties are those who may set a new PIN without knowing the old one.
struct ResetParties {
    bool puk = false;
    bool admin_key = false;
    bool authority = false;

    bool none() const { return !puk && !admin_key && !authority; }
    friend bool operator==(const ResetParties&, const ResetParties&) = default;
};

/// ResetParty is one of them who answers a challenge, and may be far away.
enum class ResetParty { admin_key, authority };

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
        refused, ///< the new value is against the card's PIN rules; nothing was tried or changed
    };
    Result result = Result::wrong;
    unsigned tries_left = 0;

    bool right() const { return result == Result::right; }
};

} // namespace tpmvsc::card
