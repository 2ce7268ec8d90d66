// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/client/key_card.hpp"
#include "cli/commands/patience.hpp"

#include <optional>

namespace tpmvsc::cli {

/// KeyPatience says that a key is being made, while it lives, where that can take its time: a TPM
/// may look for the primes of an RSA key for half a minute.
class KeyPatience {
  public:
    KeyPatience(const Output& output, card::KeyAlgorithm algorithm);

  private:
    std::optional<Patience> patience_;
};

/// make_key has the card make a key, with that patience.
card::PublicKey make_key(client::KeyCard& card, const client::NewKey& wanted, const Output& output);

} // namespace tpmvsc::cli
