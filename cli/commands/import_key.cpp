// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/import_key.hpp"

namespace tpmvsc::cli {

void import_key(client::PivCard& card, card::KeySlot slot, const x509::PrivateKey& key,
                std::optional<card::PinPolicy> pin_policy) {
    const client::NewKey wanted{slot, key.algorithm, pin_policy};
    if (card::is_rsa(key.algorithm)) {
        card.import_rsa_key(wanted, key.rsa_parts());
    } else {
        card.import_ec_key(wanted, key.scalar.view());
    }
}

} // namespace tpmvsc::cli
