// SPDX-License-Identifier: Apache-2.0
// Preloaded into the rig's pcscd: when that crashes, the file named by TPMVSC_FAULT_TRACE gets the
// stack of the thread that did, so that the rig can tell whose fault it was.

#include <csignal>
#include <cstdlib>

#include <array>
#include <execinfo.h>
#include <fcntl.h>
#include <unistd.h>

namespace {

constexpr int most_frames = 64;

void write_trace(int number) {
    std::array<void*, most_frames> frames{};
    const char* const path = std::getenv("TPMVSC_FAULT_TRACE");
    const int file = path == nullptr ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (file >= 0) {
        backtrace_symbols_fd(frames.data(), backtrace(frames.data(), most_frames), file);
        close(file);
    }
    std::signal(number, SIG_DFL);
    std::raise(number);
}

/// backtrace() loads a library at its first call, which a signal handler must not do.
[[gnu::constructor]] void prepare() {
    std::array<void*, 1> frame{};
    backtrace(frame.data(), 1);
    for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) {
        std::signal(number, write_trace);
    }
}

} // namespace
