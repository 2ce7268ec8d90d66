// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/import_key.hpp"

namespace tpmvsc::cli {

void import_key(client::KeyCard& card, const client::NewKey& wanted, const x509::PrivateKey& key) {
    if (card::is_rsa(key.algorithm)) {
        card.import_rsa_key(wanted, key.rsa_numbers());
    } else {
        card.import_ec_key(wanted, key.scalar.view());
    }
}

} // namespace tpmvsc::cli
