// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/store_certificate.hpp"

#include "cli/failure.hpp"

namespace tpmvsc::cli {

void require_room(const client::KeyCard& card, const x509::Certificate& certificate) {
    const Bytes der = certificate.der();
    if (!card.has_room_for(der)) {
        throw Failure(ExitCode::failed, "the certificate has " + std::to_string(der.size()) +
                                            " bytes; a card takes about " +
                                            std::to_string(card.most_certificate_bytes()));
    }
}

void store_certificate(client::KeyCard& card, const Slot& slot,
                       const x509::Certificate& certificate) {
    require_room(card, certificate);
    card.write_certificate(slot.number, certificate.der());
}

} // namespace tpmvsc::cli
