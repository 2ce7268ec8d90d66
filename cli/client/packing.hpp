// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <optional>

namespace tpmvsc::cli::client {

/// No certificate is larger unpacked.
inline constexpr std::size_t largest_unpacked = 65535;

/// pack compresses as zlib does.
Bytes pack(ByteView plain);

/// unpack undoes what gzip or zlib has packed, as other programs store large certificates; nothing
/// when it is damaged, or larger than any certificate.
std::optional<Bytes> unpack(ByteView packed);

} // namespace tpmvsc::cli::client
