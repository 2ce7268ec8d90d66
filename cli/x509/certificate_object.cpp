// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/certificate_object.hpp"

#include "cli/client/refusal.hpp"

namespace tpmvsc::cli::x509 {

std::optional<Certificate> read_certificate(const client::KeyCard& card, card::KeySlot slot) {
    const auto der = card.certificate(slot);
    if (!der) {
        return std::nullopt;
    }
    auto certificate = Certificate::from_der(*der);
    if (!certificate) {
        throw client::unreadable_certificate(to_hex(Bytes{slot}));
    }
    return certificate;
}

} // namespace tpmvsc::cli::x509
