// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "tests/support/swtpm.hpp"

#include <mutex>
#include <string>
#include <thread>

namespace tpmvsc::test {

/// BusListener sits on the line between programs and the software TPM. It passes everything on and
/// keeps every byte of both directions.
class BusListener {
  public:
    explicit BusListener(const Swtpm& swtpm);
    ~BusListener();
    BusListener(const BusListener&) = delete;
    BusListener& operator=(const BusListener&) = delete;

    /// What tpm2-tss needs to reach the TPM with the listener on the line.
    std::string tcti() const { return "swtpm:path=" + path_; }
    /// True when a piece of the secret was on the line: sixteen bytes, or all of a shorter one.
    bool heard(ByteView secret) const;
    std::size_t bytes_heard() const;
    /// Forgets what was heard so far.
    void forget();

  private:
    void serve();
    void pass_on(int client);
    /// Takes what `from` has to say to `to`; false when it has hung up.
    bool copy(int from, int to);

    std::string path_;
    std::string tpm_path_;
    int listening_ = -1;
    int stop_[2] = {-1, -1};
    mutable std::mutex mutex_;
    Bytes record_;
    std::thread thread_;
};

} // namespace tpmvsc::test
