// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/store.hpp"

/// A card that another one replaces (reissue) is given up at the moment when that one becomes
/// visible, by one rename: the identity file of the new card names the old one's id. From then on
/// Store::list() passes over the old folder, and Store::leftovers() has it.
namespace tpmvsc::card {

/// bury_replaced hides such folders, as destroying does. Has the disk confirm first that the new
/// cards are there. The caller holds the store's lock.
void bury_replaced(const Store& store);

} // namespace tpmvsc::card
