// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/key_pair.hpp"

#include "cli/x509/certificate_object.hpp"

namespace tpmvsc::cli {

/// The certificate is copied before the key goes, so that at no time there is a key without its
/// certificate.
void move_pair(client::PivCard& card, card::KeySlot from, card::KeySlot to) {
    const auto certificate = card.read_object(x509::certificate_tag(from));
    const auto former = card.read_object(x509::certificate_tag(to));
    if (certificate) {
        card.write_object(x509::certificate_tag(to), *certificate);
    }
    try {
        card.move_key(from, to);
    } catch (...) {
        if (certificate) {
            card.write_object(x509::certificate_tag(to), former.value_or(Bytes()));
        }
        throw;
    }
    if (certificate) {
        card.write_object(x509::certificate_tag(from), {});
    }
}

} // namespace tpmvsc::cli
