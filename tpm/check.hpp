// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tpm/error.hpp"

#include <cstdint>

namespace tpmvsc::tpm {

/// classify sorts a tpm2-tss response code of any layer.
Fault classify(std::uint32_t code);

/// is_transient tells the codes after which the same command is simply sent again.
bool is_transient(std::uint32_t code);

/// make_error words a failed `call`.
Error make_error(const char* call, std::uint32_t code);

/// check throws what make_error says unless `code` is success.
inline void check(const char* call, std::uint32_t code) {
    if (code != 0)
        throw make_error(call, code);
}

} // namespace tpmvsc::tpm
