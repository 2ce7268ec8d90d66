// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/secret.hpp"

#include <chrono>
#include <cstdint>

namespace tpmvsc::tpm {

/// Session is the host's half of an open TPM session: SHA-256, AES-128-CFB. It does not own the
/// TPM's half; Connection flushes it.
class Session {
  public:
    Session(std::uint32_t handle, SecretBytes key, Bytes nonce_tpm)
        : handle_(handle), key_(std::move(key)), nonce_tpm_(std::move(nonce_tpm)),
          rolled_(std::chrono::steady_clock::now()) {}

    std::uint32_t handle() const { return handle_; }
    ByteView key() const { return key_.view(); }
    const Bytes& nonce_tpm() const { return nonce_tpm_; }
    const Bytes& nonce_caller() const { return nonce_caller_; }
    void set_nonce_caller(Bytes nonce) { nonce_caller_ = std::move(nonce); }
    /// The TPM answered with a new nonce: from here on it counts a policy's time.
    void roll(Bytes nonce_tpm) {
        nonce_tpm_ = std::move(nonce_tpm);
        rolled_ = std::chrono::steady_clock::now();
    }
    /// Time since the TPM's nonce last changed, rounded up: expirations given to the TPM are
    /// relative to that moment (part 3 section 23.4).
    std::chrono::seconds age() const {
        return std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - rolled_);
    }

  private:
    std::uint32_t handle_;
    SecretBytes key_;
    Bytes nonce_tpm_;
    Bytes nonce_caller_;
    std::chrono::steady_clock::time_point rolled_;
};

} // namespace tpmvsc::tpm
