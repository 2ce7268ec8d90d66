// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/make_key.hpp"

namespace tpmvsc::cli {

KeyPatience::KeyPatience(const Output& output, card::KeyAlgorithm algorithm) {
    if (card::is_rsa(algorithm)) {
        patience_.emplace(output, std::string("The TPM makes an ") +
                                      card::algorithm_name(algorithm) +
                                      " key, which can take a minute");
    }
}

card::PublicKey make_key(client::KeyCard& card, const client::NewKey& wanted,
                         const Output& output) {
    const KeyPatience patience(output, wanted.algorithm);
    return card.generate_key(wanted);
}

} // namespace tpmvsc::cli
