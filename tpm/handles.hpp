// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace tpmvsc::tpm {

class Connection;

/// list_handles gives all handles of one type (the top byte: 0x81 persistent, 0x01 NV) from `first`
/// on, ascending.
std::vector<std::uint32_t> list_handles(Connection& connection, std::uint32_t first,
                                        std::uint8_t type);

/// list_loaded gives the handles of loaded objects (0x80) or sessions (0x02, which answers HMAC and
/// policy sessions alike).
std::vector<std::uint32_t> list_loaded(Connection& connection, std::uint8_t type);

} // namespace tpmvsc::tpm
