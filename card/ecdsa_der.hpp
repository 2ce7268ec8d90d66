// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

namespace tpmvsc::card {

/// ecdsa_der writes r and s, each half of `r_and_s`, as the SEQUENCE of two INTEGERs of RFC 3279
/// section 2.2.3: minimal, never negative.
Bytes ecdsa_der(ByteView r_and_s);

} // namespace tpmvsc::card
