// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/make_key.hpp"

#include "cli/commands/patience.hpp"

#include <optional>

namespace tpmvsc::cli {

card::PublicKey make_key(client::PivCard& card, const client::NewKey& wanted,
                         const Output& output) {
    std::optional<Patience> patience;
    if (card::is_rsa(wanted.algorithm)) {
        patience.emplace(output, std::string("The TPM makes an ") +
                                     card::algorithm_name(wanted.algorithm) +
                                     " key, which can take a minute");
    }
    return card.generate_key(wanted);
}

} // namespace tpmvsc::cli
