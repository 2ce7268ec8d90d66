// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/boot_clock.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace tpmvsc::tpm {

class Connection;

/// Tpm is the machine's TPM, shared by all cards of a process. The connection is opened on first
/// need and closed when it has been idle: an open, idle session harms every other user of the TPM,
/// and a software TPM serves one client at a time.
class Tpm {
  public:
    /// `tcti` as tpm2-tss writes it. Opens nothing yet.
    Tpm(std::string tcti, std::chrono::milliseconds idle, BootClock clock = boot_time);
    ~Tpm();
    Tpm(const Tpm&) = delete;
    Tpm& operator=(const Tpm&) = delete;

    const std::string& tcti() const { return tcti_; }

    /// Runs `work` with the open connection, alone. Sessions and handles that the TPM has lost
    /// (suspend, restart, another program) are re-made and `work` is run once more, unless the lost
    /// command was one that may have counted a PIN try. Throws tpm::Error.
    void run(const std::function<void(Connection&)>& work);

    /// When an unused connection should be closed; nothing while it is closed. Does not wait for a
    /// TPM that is at work.
    std::optional<std::chrono::steady_clock::time_point> idle_deadline() const;
    /// Called each time run() has ended, to let the owner arm a timer. Set before first use.
    void on_use(std::function<void()> listener) { listener_ = std::move(listener); }
    /// Closes the connection when its idle time is over.
    void close_if_idle();
    /// Closes it now; the next run() opens it again.
    void close();
    /// True when the TPM's device or socket can be opened, or is in use right now; sends no TPM
    /// command. Says why not in `why`.
    bool reachable(std::string* why = nullptr);
    /// TPM commands sent so far by this process.
    std::uint64_t command_count() const;

  private:
    bool run_once(const std::function<void(Connection&)>& work, bool may_repeat);
    void open_locked();
    void close_locked();
    bool has_slept_since_opened() const;

    std::string tcti_;
    std::chrono::milliseconds idle_;
    BootClock clock_;
    std::function<void()> listener_;
    mutable std::mutex mutex_;
    std::unique_ptr<Connection> connection_;
    std::chrono::milliseconds asleep_before_{}; ///< what the machine had slept when it was opened
    std::chrono::steady_clock::time_point last_use_;
    std::uint64_t closed_command_count_ = 0;
};

} // namespace tpmvsc::tpm
