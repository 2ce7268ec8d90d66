// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/crypto.hpp"

namespace tpmvsc::crypto {

/// hkdf_sha256 derives `size` bytes from the key material `secret` by HKDF with SHA-256 (RFC 5869).
/// At most 8160 bytes; CryptoError for more.
SecretBytes hkdf_sha256(ByteView secret, ByteView salt, ByteView info, std::size_t size);

} // namespace tpmvsc::crypto
