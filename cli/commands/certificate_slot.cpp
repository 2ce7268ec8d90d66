// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/certificate_slot.hpp"

#include "cli/failure.hpp"
#include "cli/x509/certificate_object.hpp"

namespace tpmvsc::cli {

x509::Certificate require_certificate(const client::KeyCard& card, const Slot& slot) {
    auto certificate = x509::read_certificate(card, slot.number);
    if (!certificate) {
        throw Failure(ExitCode::failed, "there is no certificate in " + slot_title(slot));
    }
    return std::move(*certificate);
}

} // namespace tpmvsc::cli
