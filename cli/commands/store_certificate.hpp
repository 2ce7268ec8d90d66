// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/commands/certificate_report.hpp"

namespace tpmvsc::cli {

/// require_room throws Failure for a certificate that such a card has no room for.
void require_room(const client::KeyCard& card, const x509::Certificate& certificate);

/// store_certificate puts it on the card, which must have been shown what it wants for that.
void store_certificate(client::KeyCard& card, const Slot& slot,
                       const x509::Certificate& certificate);

} // namespace tpmvsc::cli
