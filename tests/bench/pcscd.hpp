// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tpmvsc::bench {

/// Pcscd is a rig's pcscd, through the rig's control command.
class Pcscd {
  public:
    explicit Pcscd(std::string control) : control_(std::move(control)) {}

    /// Stops it and starts it anew; returns when all cards are there again.
    void restart() const { ask("restart-pcscd"); }
    /// KiB of memory that are in no other process.
    double private_memory() const;

  private:
    std::string ask(const std::string& request) const;

    std::string control_;
};

} // namespace tpmvsc::bench
