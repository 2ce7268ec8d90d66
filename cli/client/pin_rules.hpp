// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/identity.hpp"
#include "card/pin_rules.hpp"
#include "cli/client/transport.hpp"

namespace tpmvsc::cli::client {

/// set_pin_rules has the card keep these rules from now on, by the admin key. Throws
/// Failure(not_authorised) for a wrong key, and Failure(unsupported) for rules that the card does
/// not keep.
void set_pin_rules(pcsc::Session& session, card::Profile profile, ByteView admin_key,
                   const card::PinRules& rules);

} // namespace tpmvsc::cli::client
