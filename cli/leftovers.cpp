// SPDX-License-Identifier: Apache-2.0
#include "cli/leftovers.hpp"

#include "card/create.hpp"

namespace tpmvsc::cli {

void clear_leftovers(const card::Store& store, tpm::Tpm& tpm, ByteView owner_auth, Output& output) {
    try {
        const std::size_t count = store.leftovers().size();
        if (count > 0) {
            output.progress("clearing away what an interrupted command left behind");
            card::sweep(store, tpm, owner_auth);
        }
    } catch (const std::exception& error) {
        output.detail(error.what());
    }
}

} // namespace tpmvsc::cli
