// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/tell.hpp"

#include "cli/journal.hpp"

namespace tpmvsc::cli {

void tell(Output& output, const ChosenCard& card, const std::string& sentence, const Json& result) {
    if (output.json) {
        Json document = result;
        document["card"] = {{"name", card.status.identity.name},
                            {"serial", card.status.identity.serial}};
        document["warnings"] = output.warnings();
        output.document(document);
    } else {
        output.line(sentence);
    }
    record_change(output, card.status.identity, sentence, result);
}

} // namespace tpmvsc::cli
