// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/patience.hpp"

#include <chrono>
#include <iostream>
#include <unistd.h>
#include <utility>

namespace tpmvsc::cli {

Patience::Patience(const Output& output, std::string what) : what_(std::move(what)) {
    if (::isatty(STDERR_FILENO) == 1) {
        counter_ = std::thread([this] { count_seconds(); });
    } else {
        output.progress(what_);
    }
}

Patience::~Patience() {
    if (!counter_.joinable()) {
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        end_ = true;
    }
    ended_.notify_one();
    counter_.join();
    std::cerr << '\n';
}

void Patience::count_seconds() {
    std::unique_lock lock(mutex_);
    for (unsigned seconds = 0; !end_; ++seconds) {
        std::cerr << '\r' << what_ << " ... " << seconds << " s" << std::flush;
        ended_.wait_for(lock, std::chrono::seconds(1), [this] { return end_; });
    }
}

} // namespace tpmvsc::cli
