// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/store.hpp"
#include "cli/output.hpp"

namespace tpmvsc::tpm {
class Tpm;
}

namespace tpmvsc::cli {

/// clear_leftovers finishes what an interrupted create or destroy left behind. That it cannot is no
/// reason to stop: it is said, and the next command tries again.
void clear_leftovers(const card::Store& store, tpm::Tpm& tpm, ByteView owner_auth, Output& output);

} // namespace tpmvsc::cli
