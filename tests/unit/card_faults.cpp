// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/card_faults.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tpmvsc::test {

Faults& faults() {
    static Faults& one = *new Faults;
    return one;
}

FaultScope::FaultScope() {
    faults() = Faults();
    faults().armed = true;
}

FaultScope::FaultScope(const std::string& call, int error) : FaultScope() {
    faults().failing = call;
    faults().error = error;
}

FaultScope::~FaultScope() {
    faults().armed = false;
}

namespace {

/// Notes the call; true when it is the one to fail.
bool note(const char* call) {
    if (!faults().armed)
        return false;
    faults().calls.emplace_back(call);
    if (faults().after == call && --faults().after_times == 0)
        faults().after.clear();
    if (faults().failing != call || !faults().after.empty())
        return false;
    faults().failing.clear();
    errno = faults().error;
    return true;
}

bool is_folder(int fd) {
    struct stat status {};
    return ::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

} // namespace

} // namespace tpmvsc::test

using namespace tpmvsc::test;

extern "C" int fsync(int fd) {
    if (note(is_folder(fd) ? "fsync folder" : "fsync file"))
        return -1;
    return static_cast<int>(::syscall(SYS_fsync, fd));
}

extern "C" int renameat2(int from_fd, const char* from, int to_fd, const char* to,
                         unsigned flags) noexcept {
    if (note((flags & RENAME_EXCHANGE) != 0 ? "exchange" : "rename"))
        return -1;
    return static_cast<int>(::syscall(SYS_renameat2, from_fd, from, to_fd, to, flags));
}

extern "C" int renameat(int from_fd, const char* from, int to_fd, const char* to) noexcept {
    return ::renameat2(from_fd, from, to_fd, to, 0);
}

extern "C" ssize_t write(int fd, const void* bytes, size_t size) {
    if (faults().armed) {
        if (note("write"))
            return -1;
        if (faults().write_limit != 0)
            size = std::min(size, faults().write_limit);
    }
    return ::syscall(SYS_write, fd, bytes, size);
}
