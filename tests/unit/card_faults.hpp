// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace tpmvsc::test {

/// Faults stands in for the system calls by which a file is replaced: it notes their order, and
/// lets one fail. This program's fsync, renameat and write come before the C library's.
struct Faults {
    /// "write", "fsync file", "rename", "exchange", "fsync folder", in the order they came.
    std::vector<std::string> calls;
    /// The call that is to fail, as it would be noted, and with what errno; once.
    std::string failing;
    int error = 0;
    /// Only after this one was noted so many times.
    std::string after;
    std::size_t after_times = 1;
    /// The most that one write takes; 0 for all.
    std::size_t write_limit = 0;
    bool armed = false;
};

/// The one of this program. Armed by FaultScope alone.
Faults& faults();

/// FaultScope turns the stand-in on while it lives.
class FaultScope {
  public:
    FaultScope();
    /// Lets the next `call` fail.
    FaultScope(const std::string& call, int error);
    ~FaultScope();
    FaultScope(const FaultScope&) = delete;
    FaultScope& operator=(const FaultScope&) = delete;
};

} // namespace tpmvsc::test
