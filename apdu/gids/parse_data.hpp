// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/gids/gids_commands.hpp"

/// GET DATA and PUT DATA of GIDS, the two commands with a grammar of
/// their own.
namespace tpmvsc::gids {

GidsCommand parse_get_data(const apdu::Command& command);
GidsCommand parse_put_data(const apdu::Command& command);

} // namespace tpmvsc::gids
