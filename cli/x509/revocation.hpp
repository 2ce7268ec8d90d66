// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/x509/certificate.hpp"

#include <string>
#include <vector>

namespace tpmvsc::cli::x509 {

/// Usage is what a certificate says it is for (RFC 5280 sections 4.2.1.3 and 4.2.1.12).
struct Usage {
    std::vector<std::string> extended; ///< "clientAuth", or dotted object identifiers
    bool decrypts = false; ///< keys or data may be encrypted to it, or agreed on with it
};
Usage usage_of(const Certificate& certificate);

/// RevocationPlaces are where a certificate says that its state can be asked for, and its authority
/// found (RFC 5280 sections 4.2.1.13 and 4.2.2.1): URLs.
struct RevocationPlaces {
    std::vector<std::string> crl;
    std::vector<std::string> ocsp;
    std::vector<std::string> authority;
};
RevocationPlaces revocation_places_of(const Certificate& certificate);

} // namespace tpmvsc::cli::x509
