// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "tpm/types.hpp"

#include <functional>
#include <span>

namespace tpmvsc::tpm {

class Connection;
class Session;

/// A step that satisfies PolicySecret of one party's Name on the policy session: by the party's
/// value, or by a ticket for it.
using PolicyStep = std::function<void(Connection& connection, Session& policy)>;

/// seal_for_parties puts up to 128 bytes under the parent, to be opened by whichever of the parties
/// (at most eight Names of indices or objects) proves its value: PolicySecret of each, joined by
/// PolicyOR. No party is needed to seal.
KeyBlob seal_for_parties(Connection& connection, const Parent& parent, ByteView secret,
                         std::span<const Bytes> parties);

/// unseal_as_party opens it by who satisfies `step`. What the step throws is passed on; Error with
/// bad_input or policy_failed when it stands for none of the parties.
SecretBytes unseal_as_party(Connection& connection, const Parent& parent, const KeyBlob& blob,
                            std::span<const Bytes> parties, const PolicyStep& step);

} // namespace tpmvsc::tpm
