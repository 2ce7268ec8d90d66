// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/x509/openssl.hpp"

#include <string>

namespace tpmvsc::cli::x509 {

/// Each gives a GeneralName (RFC 5280 section 4.2.1.6), which the caller owns, or throws
/// Failure(usage) for a text that is none of its kind.
GENERAL_NAME* email_name(const std::string& text);
GENERAL_NAME* dns_name(const std::string& text);
GENERAL_NAME* uri_name(const std::string& text);
/// Microsoft's user principal name, user@domain: an otherName 1.3.6.1.4.1.311.20.2.3.
GENERAL_NAME* upn_name(const std::string& text);

/// is_user_principal_name tells whether upn_name takes it.
bool is_user_principal_name(const std::string& text);

} // namespace tpmvsc::cli::x509
