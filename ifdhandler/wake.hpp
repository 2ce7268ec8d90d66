// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ifdhandler/file_descriptor.hpp"

#include <chrono>

namespace tpmvsc::ifd {

/// Wake is a latch that a poll can wait for: signals are kept until one consume() takes them all. A
/// signal that comes while nobody waits is not lost, and it ends one wait only.
class Wake {
  public:
    /// Throws std::system_error when the process has no file descriptor left.
    Wake();
    int fd() const { return fd_.get(); }
    void signal() const;
    /// True when a signal had come since the last time.
    bool consume() const;

  private:
    FileDescriptor fd_;
};

/// IdleTimer fires once, a while after it was armed last.
class IdleTimer {
  public:
    /// Throws std::system_error when the process has no file descriptor left.
    IdleTimer();
    int fd() const { return fd_.get(); }
    /// Fires `delay` from now, and not at the time set before.
    void arm(std::chrono::milliseconds delay) const;
    /// True when it has fired since it was armed.
    bool consume() const;

  private:
    FileDescriptor fd_;
};

} // namespace tpmvsc::ifd
