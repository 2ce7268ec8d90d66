// SPDX-License-Identifier: Apache-2.0
#include "cli/leftovers.hpp"

#include "card/create.hpp"
#include "card/store.hpp"

namespace tpmvsc::cli {

void clear_leftovers(const card::Store& store, tpm::Tpm& tpm, ByteView owner_auth,
                     const std::function<void(const std::string&)>& progress,
                     const std::function<void(const std::string&)>& detail) {
    try {
        const std::size_t count = store.leftovers().size();
        if (count > 0) {
            progress("clearing away what an interrupted command left behind");
            card::sweep(store, tpm, owner_auth);
        }
    } catch (const std::exception& error) {
        detail(error.what());
    }
}

} // namespace tpmvsc::cli
