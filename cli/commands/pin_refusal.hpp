// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/chosen_card.hpp"
#include "cli/client/pin_answer.hpp"
#include "cli/failure.hpp"

namespace tpmvsc::cli {

/// pin_refusal is the sentence for an answer of `card` that is not right: client::pin_failure, and
/// where the TPM's lockout guards the PIN, how many tries all users of the TPM have left, or for
/// how long it is locked, which is no block. The card is asked for that: no session may be open.
Failure pin_refusal(const ChosenCard& card, client::Secret secret, const client::PinAnswer& answer);

} // namespace tpmvsc::cli
