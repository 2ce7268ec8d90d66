// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/client/key_card.hpp"
#include "cli/x509/certificate.hpp"

#include <optional>

namespace tpmvsc::cli::x509 {

/// read_certificate gives the certificate of a slot; nothing where there is none. Throws Failure
/// for what is stored there and is no certificate.
std::optional<Certificate> read_certificate(const client::KeyCard& card, card::KeySlot slot);

} // namespace tpmvsc::cli::x509
