// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/commands/card_in_use.hpp"
#include "cli/x509/certificate.hpp"

namespace tpmvsc::cli {

/// require_certificate reads the certificate of a slot. Throws Failure where there is none.
x509::Certificate require_certificate(const client::PivCard& card, card::KeySlot slot);

} // namespace tpmvsc::cli
