// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/identity.hpp"
#include "card/keys.hpp"

#include <utility>
#include <vector>

namespace tpmvsc::gids {

/// initial_objects is the file system of a card that is ready for use: the files and the objects
/// that a Windows minidriver and OpenSC expect, as gids-tool would write them, with a card
/// identifier of its own.
std::vector<std::pair<card::ObjectTag, Bytes>> initial_objects(const card::Identity& identity);

} // namespace tpmvsc::gids
