// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/commands/authorisation.hpp"
#include "cli/commands/slot.hpp"
#include "cli/x509/signing.hpp"

namespace tpmvsc::cli {

/// require_key gives what the card told of the key in `slot`. Throws Failure where there is none.
admin::KeyStatus require_key(const ChosenCard& card, const Slot& slot);

/// signer_of signs with the key in `slot`, once `authorisation` has been shown. Card and
/// authorisation must outlive the signer.
x509::Signer signer_of(client::KeyCard& card, const Slot& slot, const Authorisation& authorisation);

} // namespace tpmvsc::cli
