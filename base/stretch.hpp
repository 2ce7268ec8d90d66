// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

namespace tpmvsc::crypto {

/// stretch makes 32 bytes of a short secret and a salt by PBKDF2 with HMAC-SHA-256 (RFC 8018), so
/// that each guess at the secret costs `iterations` hashes.
Bytes stretch(ByteView secret, ByteView salt, unsigned iterations);

} // namespace tpmvsc::crypto
