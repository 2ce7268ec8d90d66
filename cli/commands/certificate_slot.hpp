// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/client/key_card.hpp"
#include "cli/commands/slot.hpp"
#include "cli/x509/certificate.hpp"

namespace tpmvsc::cli {

/// require_certificate reads the certificate of a slot. Throws Failure where there is none.
x509::Certificate require_certificate(const client::KeyCard& card, const Slot& slot);

} // namespace tpmvsc::cli
