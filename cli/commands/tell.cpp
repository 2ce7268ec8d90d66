// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/tell.hpp"

namespace tpmvsc::cli {

void tell(Output& output, const ChosenCard& card, const std::string& sentence, Json result) {
    if (!output.json) {
        output.line(sentence);
        return;
    }
    result["card"] = {{"name", card.status.identity.name}, {"serial", card.status.identity.serial}};
    result["warnings"] = output.warnings();
    output.document(result);
}

} // namespace tpmvsc::cli
