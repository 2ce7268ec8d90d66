// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "redirection_call.hpp"

#include <memory>

namespace tpmvsc::test {

/// FreeRdpChannel is the smart card redirection of FreeRDP's client library, the code behind
/// "xfreerdp /smartcard", without a connection around it: calls go in as if a session had sent
/// them.
class FreeRdpChannel {
  public:
    FreeRdpChannel();
    ~FreeRdpChannel();
    FreeRdpChannel(const FreeRdpChannel&) = delete;
    FreeRdpChannel& operator=(const FreeRdpChannel&) = delete;

    /// Sends one call, waits for the answer and gives its body. Throws std::runtime_error.
    Bytes call(RedirectedCall code, ByteView input);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace tpmvsc::test
