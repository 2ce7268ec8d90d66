// SPDX-License-Identifier: Apache-2.0
#include "base/boot_clock.hpp"

#include <algorithm>
#include <cctype>
#include <ctime>
#include <fstream>

namespace tpmvsc {

namespace {

/// Of a UUID's characters and no others: it goes into a record.
std::string boot_id() {
    std::string id;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
    std::erase_if(id, [](unsigned char c) { return std::isxdigit(c) == 0 && c != '-'; });
    return id;
}

std::chrono::milliseconds now_on(clockid_t clock) {
    std::timespec now{};
    ::clock_gettime(clock, &now);
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

} // namespace

BootTime boot_time() {
    // It cannot change under a running program. Nothing static may have a destructor here.
    static const std::string* const run = new std::string(boot_id());
    // CLOCK_MONOTONIC stands still in a sleep. Whoever is kept waiting between the two reads tries
    // again; the least difference is the truest.
    constexpr int tries = 10;
    BootTime time{*run, {}, std::chrono::milliseconds::max()};
    for (int i = 0; i < tries; ++i) {
        const auto awake_before = now_on(CLOCK_MONOTONIC);
        time.since = now_on(CLOCK_BOOTTIME);
        time.asleep = std::min(time.asleep, time.since - awake_before);
        if (now_on(CLOCK_MONOTONIC) - awake_before < std::chrono::milliseconds(5))
            break;
    }
    return time;
}

} // namespace tpmvsc
