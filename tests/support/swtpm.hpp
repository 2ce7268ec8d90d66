// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <sys/types.h>

namespace tpmvsc::test {

/// Swtpm is a software TPM of the test's own: its state is a new folder below TMPDIR (else /tmp),
/// its sockets are in there, and nobody else's TPM is ever touched. It ends with this object, and
/// with the test program should that die first.
class Swtpm {
  public:
    /// Starts a manufactured-fresh TPM 2.0 that has had its TPM2_Startup. Throws
    /// std::runtime_error.
    Swtpm();
    /// Ends the program and removes the folder.
    ~Swtpm();
    Swtpm(const Swtpm&) = delete;
    Swtpm& operator=(const Swtpm&) = delete;

    /// What tpm2-tss needs to reach it: "swtpm:path=...".
    std::string tcti() const { return "swtpm:path=" + data_path(); }
    std::string data_path() const { return folder_ + "/tpm"; }
    /// A folder for the test's own files, removed at the end with all in it.
    const std::string& folder() const { return folder_; }

    /// Ends the program as a power cut would, state kept. Connections to it break.
    void stop();
    /// Starts it again on the kept state (TPM Restart: TPM2_Startup(CLEAR)).
    void start();
    /// Resets the chip as a machine that wakes does: TPM2_Startup is the client's. Connections
    /// stay.
    void reset_chip();
    bool running() const { return pid_ > 0; }
    /// Forgets everything, as if another TPM had been put in: stops, drops the state, starts.
    void replace();

  private:
    void await_sockets();
    std::string last_words() const;

    std::string folder_;
    pid_t pid_ = -1;
};

} // namespace tpmvsc::test
