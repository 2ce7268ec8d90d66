// SPDX-License-Identifier: Apache-2.0
#include "card/boot_clock.hpp"

#include <cctype>
#include <ctime>
#include <fstream>

namespace tpmvsc::card {

namespace {

/// Of a UUID's characters and no others: it goes into a record.
std::string boot_id() {
    std::string id;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
    std::erase_if(id, [](unsigned char c) { return std::isxdigit(c) == 0 && c != '-'; });
    return id;
}

} // namespace

BootTime boot_time() {
    // It cannot change under a running program. Nothing static may have a destructor here.
    static const std::string* const run = new std::string(boot_id());
    std::timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return {*run, std::chrono::duration_cast<std::chrono::milliseconds>(
                      std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec))};
}

} // namespace tpmvsc::card
