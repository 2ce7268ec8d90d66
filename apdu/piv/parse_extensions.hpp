// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/piv/piv_commands.hpp"

/// The parts of parse() for the instructions of extension_commands.hpp.
namespace tpmvsc::piv {

PivCommand parse_get_version(const apdu::Command& command);
PivCommand parse_get_serial(const apdu::Command& command);
PivCommand parse_get_metadata(const apdu::Command& command);
PivCommand parse_attest(const apdu::Command& command);
PivCommand parse_import(const apdu::Command& command);
PivCommand parse_set_admin_key(const apdu::Command& command);
PivCommand parse_set_tries(const apdu::Command& command);
PivCommand parse_reset(const apdu::Command& command);
PivCommand parse_move(const apdu::Command& command);
PivCommand parse_put_pin_rules(const apdu::Command& command);

} // namespace tpmvsc::piv
