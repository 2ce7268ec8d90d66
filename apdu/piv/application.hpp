// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "card/card.hpp"

/// What the PIV Card Application is called and says of itself.
namespace tpmvsc::piv {

/// application_identifier is the full AID, A0 00 00 03 08 00 00 10 00 01 00 (SP 800-73-4 part 1
/// section 2.2).
ByteView application_identifier();

/// property_template is the answer to SELECT (SP 800-73-4 part 2 section 3.1.1, tables 3 to 5). The
/// algorithms in it are those that this card's TPM really has.
Bytes property_template(card::Card& card);

} // namespace tpmvsc::piv
