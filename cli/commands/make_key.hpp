// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/client/piv_card.hpp"
#include "cli/output.hpp"

namespace tpmvsc::cli {

/// make_key has the card make a key, and says so while it takes its time: a TPM may look for the
/// primes of an RSA key for half a minute.
card::PublicKey make_key(client::PivCard& card, const client::NewKey& wanted, const Output& output);

} // namespace tpmvsc::cli
