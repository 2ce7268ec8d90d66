// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/chosen_card.hpp"
#include "cli/client/piv_card.hpp"
#include "cli/x509/signing.hpp"

#include <string>

namespace tpmvsc::cli {

/// require_key gives what the card told of the key in `slot`. Throws Failure where there is none.
admin::KeyStatus require_key(const ChosenCard& card, card::KeySlot slot);

/// read_pin_for reads the PIN as far as this key wants one; empty where it does not.
SecretBytes read_pin_for(const admin::KeyStatus& key, const std::string& source,
                         const ChosenCard& card);

/// signer_of signs with the key in `slot`. The PIN, unless it is empty, is shown to the card
/// directly before each signature; card and PIN must outlive the signer.
x509::Signer signer_of(client::PivCard& card, card::KeySlot slot, const SecretBytes& pin);

} // namespace tpmvsc::cli
