// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

namespace tpmvsc::ifd {

/// Complaints says each problem once, when it comes up, however often it is found again, and once
/// more after it had been gone. The level is error, which is what pcscd shows by default.
class Complaints {
  public:
    /// Logs those of `problems` that did not stand before; they are the standing ones now.
    void report(std::set<std::string> problems);
    /// Logs `problem` if it did not stand before; all others stand as they did.
    void add(const std::string& problem);

  private:
    std::set<std::string> standing_;
};

} // namespace tpmvsc::ifd
