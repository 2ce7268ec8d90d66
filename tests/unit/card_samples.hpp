// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/identity_file.hpp"

#include <string>

namespace tpmvsc::test {

/// sample_file is an identity as a creating program would fill it in; `mark` makes its id.
inline card::IdentityFile sample_file(std::uint8_t mark = 0x11, unsigned slot = 0,
                                      const std::string& created = "2025-01-31T23:59:59Z") {
    card::IdentityFile file;
    file.identity.id = Bytes(16, mark);
    file.identity.name = "Work card";
    file.identity.profile = card::Profile::piv;
    file.identity.slot = slot;
    file.identity.serial = 12345678;
    file.identity.created = created;
    file.anchor.parent_handle = 0x81000001;
    file.anchor.parent_public = Bytes{0x00, 0x23};
    file.anchor.parent_name = Bytes(34, 0x22);
    file.anchor.card_key_public = Bytes{0x01};
    file.anchor.card_key_private = Bytes{0x02, 0x03};
    file.anchor.algorithms = "rsa2048 p256";
    return file;
}

} // namespace tpmvsc::test
