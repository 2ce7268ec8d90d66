// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/client/key_card.hpp"
#include "cli/x509/private_key.hpp"

namespace tpmvsc::cli {

/// import_key puts a key from outside into a slot.
void import_key(client::KeyCard& card, const client::NewKey& wanted, const x509::PrivateKey& key);

/// What is said of every such key.
inline constexpr const char* imported_key_warning =
    "an imported key was seen outside of the TPM: destroy its other copies, or keep them as safe";

} // namespace tpmvsc::cli
