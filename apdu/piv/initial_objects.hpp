// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "card/identity.hpp"
#include "card/keys.hpp"

#include <utility>
#include <vector>

namespace tpmvsc::piv {

/// initial_objects gives the data objects (tag and value) that a PIV card has from its creation on:
/// the Card Holder Unique Identifier, by which hosts tell cards apart, and the Card Capability
/// Container (SP 800-73-4 part 1 sections 3.1.1 and 3.1.2). Both are made from the card's id, so no
/// two cards share them.
std::vector<std::pair<card::ObjectTag, Bytes>> initial_objects(const card::Identity& identity);

} // namespace tpmvsc::piv
