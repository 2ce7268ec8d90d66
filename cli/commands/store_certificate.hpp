// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/commands/certificate_report.hpp"

namespace tpmvsc::cli {

/// require_room throws Failure for a certificate that no card has room for.
void require_room(const x509::Certificate& certificate);

/// store_certificate puts it on the card, which must have been shown its admin key.
void store_certificate(client::PivCard& card, card::KeySlot slot,
                       const x509::Certificate& certificate);

} // namespace tpmvsc::cli
