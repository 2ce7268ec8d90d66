// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/pcsc.hpp"

namespace tpmvsc::cli::client {

/// A command APDU. Its class is 00; the answer may be of any length.
struct Command {
    std::uint8_t ins = 0;
    std::uint8_t p1 = 0;
    std::uint8_t p2 = 0;
    Bytes data;
};

/// exchange sends `command` and collects the answer. It uses short APDUs, command chaining and GET
/// RESPONSE (ISO 7816-4 sections 5.1.1 and 11.7.1), which every reader and every redirection can
/// carry.
pcsc::Reply exchange(const pcsc::Session& session, const Command& command);

/// select_application makes the application `aid` the one that is talked to.
pcsc::Reply select_application(const pcsc::Session& session, ByteView aid);

} // namespace tpmvsc::cli::client
