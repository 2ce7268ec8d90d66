// SPDX-License-Identifier: Apache-2.0
#include "cli/tpm/card_needs.hpp"

#include <array>

namespace tpmvsc::cli {
namespace {

/// PIN, and a counter that retires what the admin key was; then what the options add.
constexpr std::array needs{
    CardNeed{"with a PUK", "", 3},
    CardNeed{"without PUK", "--puk none", 2},
    CardNeed{"with an authority in place of the PUK", "--authority FILE", 3},
    CardNeed{"with both", "--authority FILE --puk random", 4},
    CardNeed{"blank GIDS card, with a PUK", "--profile gids", 4},
};

} // namespace

std::span<const CardNeed> card_needs() {
    return needs;
}

Json card_needs_json() {
    Json list = Json::array();
    for (const CardNeed& need : card_needs()) {
        list.push_back({{"kind", need.kind},
                        {"options", need.options},
                        {"nv_indices", need.indices},
                        {"nv_bytes", need.indices * bytes_each_index}});
    }
    return list;
}

unsigned usual_indices() {
    return needs.front().indices;
}

} // namespace tpmvsc::cli
