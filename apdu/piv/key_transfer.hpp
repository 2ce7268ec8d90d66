// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/piv/piv_commands.hpp"
#include "card/card.hpp"

/// Keys that come from outside and keys that change places: instructions FE and F6 of YubiKeys, for
/// an administrator.
namespace tpmvsc::piv {

/// import_key answers 6A80 when the parts make no key, the TPM lacks the algorithm or the slot may
/// not hold it; the slot then keeps what it had.
apdu::StatusWord import_key(card::Card& card, const ImportRsaKey& command, const Options& options);
apdu::StatusWord import_key(card::Card& card, const ImportEcKey& command);

/// move_key answers 6A88 when there is no key to move, 6A80 when the other slot is taken or may not
/// hold this key. Certificates stay where they are.
apdu::StatusWord move_key(card::Card& card, const MoveKey& command, const Options& options);
/// delete_key answers 6A88 when there is no key.
apdu::StatusWord delete_key(card::Card& card, const DeleteKey& command);

} // namespace tpmvsc::piv
