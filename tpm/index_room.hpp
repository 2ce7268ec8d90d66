// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tpm/types.hpp"

namespace tpmvsc::tpm {

class Connection;

/// index_room counts how many more NV indices of the size that cards use the TPM takes, up to
/// `most`. No property of a TPM tells it, so they are defined and removed again; what an
/// interrupted count has left is removed first. Each takes the TPM two writes. `salt_key` as in
/// as_owner().
std::size_t index_room(Connection& connection, ByteView owner_auth, const Parent* salt_key,
                       std::size_t most);

} // namespace tpmvsc::tpm
