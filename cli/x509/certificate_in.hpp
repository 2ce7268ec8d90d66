// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/x509/certificate.hpp"

#include <optional>

namespace tpmvsc::cli::x509 {

/// certificate_in finds the certificate in what a PIV object holds, certificate_in_gids in a GIDS
/// data object; nothing where there is none.
std::optional<Certificate> certificate_in(ByteView object);
std::optional<Certificate> certificate_in_gids(ByteView object);

} // namespace tpmvsc::cli::x509
