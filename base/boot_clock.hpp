// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace tpmvsc {

/// BootTime is a time that nobody sets, unlike the clock on the wall: how long the machine has been
/// running, sleep included, and which of its runs that is.
struct BootTime {
    std::string run; ///< the kernel's boot_id; empty where it cannot be read
    std::chrono::milliseconds since{};
    std::chrono::milliseconds asleep{}; ///< how much of that the machine has slept, exact to 10 ms

    /// The machine has slept since it had slept so much. A tenth of a second is more than the
    /// error.
    bool slept_since(std::chrono::milliseconds asleep_then) const {
        return asleep > asleep_then + std::chrono::milliseconds(100);
    }
};

using BootClock = std::function<BootTime()>;

/// boot_time is the machine's.
BootTime boot_time();

} // namespace tpmvsc
