// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/output.hpp"
#include "library/unmake_card.hpp"

#include <string>

/// What was looked for after a card was destroyed, and found or not.
namespace tpmvsc::cli {

std::string traces_text(const library::Traces& traces);
Json traces_json(const library::Traces& traces);

} // namespace tpmvsc::cli
