// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/client/piv_card.hpp"

namespace tpmvsc::cli {

/// move_pair moves a key and its certificate from one slot to another, which must be empty. Where
/// that fails on the way, all is as it was.
void move_pair(client::PivCard& card, card::KeySlot from, card::KeySlot to);

} // namespace tpmvsc::cli
