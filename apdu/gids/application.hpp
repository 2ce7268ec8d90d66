// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

/// What the GIDS application says about itself.
namespace tpmvsc::gids {

/// The application identifier, revision 2.0 of the specification. Windows' minidriver reads
/// undocumented fields of cards that claim a later one.
ByteView application_identifier();

/// Answers to SELECT by what is asked for: file control information (tag 61; Windows 10 does not
/// recognise a card that answers another tag), control parameters (62), management data (64).
Bytes file_control_information();
Bytes application_control_parameters(bool operational);
Bytes file_management_data();

/// The data objects of EF.ATR and EF.DIR (ISO 7816-4 section 12.2.1).
Bytes ef_atr_objects();
Bytes ef_dir_objects();

} // namespace tpmvsc::gids
