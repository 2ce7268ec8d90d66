// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

namespace tpmvsc::card {

/// der_unsigned writes a number as a DER INTEGER: minimal, never negative.
Bytes der_unsigned(ByteView number);

/// ecdsa_der writes r and s, each half of `r_and_s`, as the SEQUENCE of two INTEGERs of RFC 3279
/// section 2.2.3.
Bytes ecdsa_der(ByteView r_and_s);

} // namespace tpmvsc::card
