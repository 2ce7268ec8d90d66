// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/store_certificate.hpp"

#include "apdu/piv/piv_objects.hpp"
#include "cli/failure.hpp"
#include "cli/x509/certificate_object.hpp"

namespace tpmvsc::cli {

void require_room(const x509::Certificate& certificate) {
    if (x509::too_large(certificate)) {
        throw Failure(ExitCode::failed,
                      "the certificate has " + std::to_string(certificate.der().size()) +
                          " bytes; a card takes about " + std::to_string(piv::max_object_bytes));
    }
}

void store_certificate(client::PivCard& card, card::KeySlot slot,
                       const x509::Certificate& certificate) {
    require_room(certificate);
    x509::write_certificate(card, slot, certificate);
}

} // namespace tpmvsc::cli
