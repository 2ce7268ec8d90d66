// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/x509/openssl.hpp"

#include <string>

namespace tpmvsc::cli::x509 {

/// parse_subject reads a distinguished name as RFC 4514 writes it, "CN=Jane Doe,O=Example,C=DE",
/// with the last part first in the certificate, and gives it in DER. Empty text is an empty name.
/// Throws Failure(usage).
Bytes parse_subject(const std::string& text);

} // namespace tpmvsc::cli::x509
