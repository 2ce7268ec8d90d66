// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/inventory.hpp"
#include "cli/output.hpp"

#include <string>

/// Who has what on this computer, as one document (doc/inventory.md).
namespace tpmvsc::cli {

/// Its first member: the number goes up when a reader of the former form would misunderstand it.
inline constexpr const char* inventory_format = "tpmvsc inventory 1";

/// make_inventory asks every card that programs see for its keys and certificates. What cannot be
/// asked is in the document all the same, with a problem. Certificates that have ended, or end
/// within `days`, are listed once more under "expiring".
Json make_inventory(const Inventory& inventory, unsigned days);

/// Other forms of the document: a line for each key, below a heading (RFC 4180); and for people.
std::string inventory_csv(const Json& document);
std::string inventory_text(const Json& document);

} // namespace tpmvsc::cli
