// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/identity.hpp"
#include "cli/output.hpp"
#include "library/listener.hpp"

#include <string>
#include <vector>

/// What is said of a card that was made, by create or reissue.
namespace tpmvsc::cli {

/// listener_of passes everything on to `output`, which must outlive it.
library::Listener listener_of(Output& output);

/// show_made_card says it and tells what was made at random, before anything that may take long or
/// fail: these values are nowhere else.
void show_made_card(const card::Identity& identity, const std::string& sentence,
                    const std::vector<ShownSecret>& shown, const std::string& escrow_file,
                    const std::string& owner, Output& output);

/// report_made_card waits until programs see the card and ends the command; `more` are further
/// members of its JSON.
void report_made_card(const card::Identity& identity, bool software, const std::string& escrow_file,
                      const Json& more, Output& output);

} // namespace tpmvsc::cli
