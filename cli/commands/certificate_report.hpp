// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/client/key_card.hpp"
#include "cli/commands/slot.hpp"
#include "cli/output.hpp"
#include "cli/x509/certificate.hpp"

#include <string>
#include <utility>
#include <vector>

namespace tpmvsc::cli {

/// CertificateReport is what people and scripts are told of a slot's certificate.
struct CertificateReport { // NOLINT(bugprone-exception-escape): moving JSON does not throw
    std::string summary;   ///< for a table: name and end
    std::vector<std::pair<std::string, std::string>> lines; ///< all of it
    Json json;                                              ///< null where there is none
};

/// describe_certificate tells of `certificate`, and whether it is for `key`.
CertificateReport describe_certificate(const x509::Certificate& certificate,
                                       const card::PublicKey* key);

/// report_certificate reads that of a slot first.
CertificateReport report_certificate(const client::KeyCard& card, const Slot& slot,
                                     const card::PublicKey& key);

/// warn_of_validity warns of a certificate whose time is over, or has not come.
void warn_of_validity(const x509::Certificate& certificate, Output& output);

} // namespace tpmvsc::cli
