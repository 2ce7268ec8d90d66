// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "tpm/key_algorithm.hpp"

#include <tss2/tss2_sys.h>

#include <string>
#include <vector>

namespace tpmvsc::bench {

/// BareKey is the cheapest way to use a TPM key, to measure others against: one that is loaded
/// already, one command a use, a password in the clear, no session. It goes by tpm2-tss' system API
/// and by none of our own code.
class BareKey {
  public:
    BareKey(const std::string& tcti, tpm::KeyAlgorithm algorithm);
    ~BareKey();
    BareKey(const BareKey&) = delete;
    BareKey& operator=(const BareKey&) = delete;

    /// TPM2_RSA_Decrypt without padding.
    void rsa_private(ByteView block);
    /// TPM2_Sign with ECDSA and SHA-256.
    void ecdsa_sign(ByteView digest);

  private:
    void open(const std::string& tcti);
    void close();
    void create(tpm::KeyAlgorithm algorithm);

    TSS2_TCTI_CONTEXT* tcti_ = nullptr;
    std::vector<std::uint64_t> memory_; ///< the system context lives in here
    TSS2_SYS_CONTEXT* sys_ = nullptr;
    TPM2_HANDLE key_ = 0;
};

} // namespace tpmvsc::bench
