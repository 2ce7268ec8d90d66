// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <optional>

namespace tpmvsc::cli::x509 {

/// gunzip unpacks what gzip or zlib has packed, as other programs store large certificates; nothing
/// when it is damaged, or larger than any certificate.
std::optional<Bytes> gunzip(ByteView packed);

} // namespace tpmvsc::cli::x509
