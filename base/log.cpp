// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <algorithm>
#include <atomic>

namespace tpmvsc {

namespace {

// Without a destructor on purpose: threads may still log while exit() runs.
std::atomic<LogSink> current_sink{nullptr};

bool breaks_line(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

} // namespace

void set_log_sink(LogSink sink) {
    current_sink.store(sink);
}

void log(LogLevel level, const std::string& line) {
    const LogSink sink = current_sink.load();
    if (sink == nullptr)
        return;
    // File names and TPM texts come from outside: none of them may forge a second line.
    std::string clean = line;
    std::replace_if(clean.begin(), clean.end(), breaks_line, ' ');
    sink(level, clean.c_str());
}

} // namespace tpmvsc
