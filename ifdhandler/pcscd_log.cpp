// SPDX-License-Identifier: Apache-2.0
#include "ifdhandler/pcscd_log.hpp"

#include "base/log.hpp"
#include "ifdhandler/pcscd.hpp"

// pcscd exports it to its drivers. Weak, so that another program can load the module as well.
#pragma weak log_msg

namespace tpmvsc::ifd {

namespace {

int pcscd_level(LogLevel level) {
    switch (level) {
    case LogLevel::debug:
        return PCSC_LOG_DEBUG;
    case LogLevel::info:
        return PCSC_LOG_INFO;
    case LogLevel::error:
        return PCSC_LOG_ERROR;
    case LogLevel::critical:
        break;
    }
    return PCSC_LOG_CRITICAL;
}

void write_line(LogLevel level, const char* line) {
    if (log_msg != nullptr) {
        log_msg(pcscd_level(level), "tpmvsc: %s", line);
    }
}

} // namespace

void log_to_pcscd() {
    set_log_sink(write_line);
}

} // namespace tpmvsc::ifd
