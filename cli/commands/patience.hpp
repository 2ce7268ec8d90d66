// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/output.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace tpmvsc::cli {

/// Patience says on standard error what is going on while it lives; on a terminal also for how
/// long, so that a person sees that something still happens.
class Patience {
  public:
    Patience(const Output& output, std::string what);
    ~Patience();
    Patience(const Patience&) = delete;
    Patience& operator=(const Patience&) = delete;

  private:
    void count_seconds();
    std::string what_;
    std::mutex mutex_;
    std::condition_variable ended_;
    bool end_ = false;
    std::thread counter_; ///< on a terminal only
};

} // namespace tpmvsc::cli
