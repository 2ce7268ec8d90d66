// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/failure.hpp"

#include <optional>

namespace tpmvsc::cli::client {

/// PinAnswer is what a card says to a PIN or PUK.
struct PinAnswer {
    enum class Kind {
        right,
        wrong,   ///< it cost one try
        blocked, ///< it was not even compared
        refused, ///< the old value was right, or not looked at; the new one is none
        other,   ///< see `status`
    };
    Kind kind = Kind::other;
    unsigned tries_left = 0;
    unsigned status = 0;

    bool right() const { return kind == Kind::right; }
};

/// read_pin_answer reads the status word of VERIFY, CHANGE REFERENCE DATA and RESET RETRY COUNTER.
PinAnswer read_pin_answer(unsigned status);

/// What is compared.
enum class Secret { pin, puk };

/// pin_failure is the sentence for an answer that is not right: how many tries are left, and what
/// to do where none is. Exit code not_authorised for a wrong or blocked value.
Failure pin_failure(Secret secret, const PinAnswer& answer);

} // namespace tpmvsc::cli::client
