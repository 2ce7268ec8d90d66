// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "tpm/epoch.hpp"
#include "tpm/types.hpp"

#include <optional>

namespace tpmvsc::tpm {

class Connection;

/// seal_by_value puts up to 128 bytes under the parent, to be opened by who knows `value` (at most
/// 32 bytes) while `epoch` is at `count`. Wrong values are refused by the TPM, and not counted by
/// it.
KeyBlob seal_by_value(Connection& connection, const Parent& parent, ByteView secret, ByteView value,
                      const Epoch& epoch, std::uint64_t count);

/// unseal_by_value opens it; nothing when the value is wrong. Neither the value nor the secret is
/// seen on the way to the TPM. Throws Error(policy_failed) when the epoch is another one.
std::optional<SecretBytes> unseal_by_value(Connection& connection, const Parent& parent,
                                           const KeyBlob& blob, ByteView value, const Epoch& epoch,
                                           std::uint64_t count);

} // namespace tpmvsc::tpm
