// SPDX-License-Identifier: Apache-2.0
#include "ifdhandler/wake.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <system_error>

namespace tpmvsc::ifd {

namespace {

FileDescriptor checked(int fd, const char* what) {
    if (fd < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
    return FileDescriptor(fd);
}

// Event and timer descriptors alike give a count of eight bytes, and zero it.
bool take_count(int fd) {
    std::uint64_t count = 0;
    return ::read(fd, &count, sizeof count) == static_cast<ssize_t>(sizeof count);
}

} // namespace

Wake::Wake() : fd_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {}

void Wake::signal() const {
    const std::uint64_t one = 1;
    // Fails only when the count is at its maximum, and then the latch is set anyway.
    [[maybe_unused]] const auto written = ::write(fd_.get(), &one, sizeof one);
}

bool Wake::consume() const {
    return take_count(fd_.get());
}

IdleTimer::IdleTimer()
    : fd_(checked(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
                  "timerfd_create")) {}

void IdleTimer::arm(std::chrono::milliseconds delay) const {
    // All zero would disarm the timer.
    const auto wait = std::max(delay, std::chrono::milliseconds(1));
    itimerspec spec{};
    spec.it_value.tv_sec = static_cast<time_t>(wait.count() / 1000);
    spec.it_value.tv_nsec = static_cast<long>(wait.count() % 1000) * 1'000'000;
    ::timerfd_settime(fd_.get(), 0, &spec, nullptr);
}

bool IdleTimer::consume() const {
    return take_count(fd_.get());
}

} // namespace tpmvsc::ifd
