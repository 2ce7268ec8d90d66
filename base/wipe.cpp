// SPDX-License-Identifier: Apache-2.0
#include "base/wipe.hpp"

#include <mbedtls/platform_util.h>

namespace tpmvsc {

void wipe(std::span<std::uint8_t> bytes) noexcept {
    if (!bytes.empty())
        mbedtls_platform_zeroize(bytes.data(), bytes.size());
}

} // namespace tpmvsc
