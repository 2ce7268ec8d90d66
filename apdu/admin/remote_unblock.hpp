// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/command.hpp"
#include "card/card.hpp"

/// The admin applet's commands for setting a new PIN with the help of somebody who is far away.
namespace tpmvsc::admin {

/// get_challenge and reset_retry_counter answer the commands of these names, see status.hpp.
apdu::Response get_challenge(card::Card& card, const apdu::Command& command);
apdu::Response reset_retry_counter(card::Card& card, const apdu::Command& command);

} // namespace tpmvsc::admin
