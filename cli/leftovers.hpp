// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <functional>
#include <string>

namespace tpmvsc::card {
class Store;
}
namespace tpmvsc::tpm {
class Tpm;
}

namespace tpmvsc::cli {

/// clear_leftovers finishes what an interrupted create, reissue or destroy left behind, and says
/// so. That it cannot is no reason to stop: the sentence about it goes to `detail`, and the next
/// command tries again.
void clear_leftovers(const card::Store& store, tpm::Tpm& tpm, ByteView owner_auth,
                     const std::function<void(const std::string&)>& progress,
                     const std::function<void(const std::string&)>& detail);

} // namespace tpmvsc::cli
