// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/output.hpp"

#include <span>

namespace tpmvsc::cli {

/// CardNeed is what one kind of card takes of the TPM for as long as it lives. Its keys, objects
/// and certificates are files; nothing of it is a persistent object.
struct CardNeed {
    const char* kind;
    const char* options; ///< of tpmvsc create
    unsigned indices;    ///< NV indices of bytes_each_index bytes
};

inline constexpr unsigned bytes_each_index = 8;

std::span<const CardNeed> card_needs();
Json card_needs_json();
/// What the usual card takes.
unsigned usual_indices();

} // namespace tpmvsc::cli
