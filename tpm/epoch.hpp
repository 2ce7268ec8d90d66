// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "tpm/pin_index.hpp"

namespace tpmvsc::tpm {

/// Epoch is an NV counter: it goes up and never down, and one that is defined anew begins above all
/// that ever were. What is sealed for its present count opens until it is advanced, and then never
/// again, whatever old files somebody has kept.
struct Epoch {
    std::uint32_t handle = 0;
    Bytes name;        ///< of the written index
    SecretBytes value; ///< who knows it reads and advances the counter

    Epoch clone() const { return {handle, name, value.clone()}; }
};

/// create_epoch makes one at the first free handle of the owner's range, with a random value. It is
/// removed again when a later step fails.
Epoch create_epoch(Connection& connection, const Parent& parent, ByteView owner_auth,
                   const IndexNote& before_define);

std::uint64_t read_epoch(Connection& connection, const Parent& parent, const Epoch& epoch);
void advance_epoch(Connection& connection, const Parent& parent, const Epoch& epoch);

/// epoch_policy is the policy "the counter is at `count`", and policy_epoch satisfies it on a
/// policy session. Throws Error(policy_failed) when it is not.
Bytes epoch_policy(const Epoch& epoch, std::uint64_t count);
void policy_epoch(Connection& connection, const Parent& parent, const Session& policy,
                  const Epoch& epoch, std::uint64_t count);

} // namespace tpmvsc::tpm
