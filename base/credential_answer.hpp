// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/crypto.hpp"

namespace tpmvsc {

/// credential_answer is what a card says of the `secret` in a credential that it could open: it
/// proves that, and is of no use in anybody else's protocol.
inline Bytes credential_answer(ByteView secret) {
    return crypto::hmac_sha256(secret, {as_bytes("tpmvsc attestation answer 1")});
}

} // namespace tpmvsc
