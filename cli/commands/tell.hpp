// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/chosen_card.hpp"
#include "cli/output.hpp"

#include <string>

namespace tpmvsc::cli {

/// tell ends a command: a sentence that names what changed, or with --json `result` together with
/// the card and the warnings there were. What changed the card is also recorded (journal.hpp).
void tell(Output& output, const ChosenCard& card, const std::string& sentence, const Json& result);

} // namespace tpmvsc::cli
