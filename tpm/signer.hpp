// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/verifying_key.hpp"

#include <tss2/tss2_tpm2_types.h>

namespace tpmvsc::tpm {

class Connection;

/// Signer is a public key outside the TPM as the TPM knows it: policies name it by PolicySigned and
/// PolicyAuthorize, and want its signatures.
class Signer {
  public:
    /// P-256, or RSA of a size that the TPM takes.
    explicit Signer(const crypto::VerifyingKey& key);

    const Bytes& name() const { return name_; }
    /// Loads it, in the owner hierarchy: tickets over its signatures hold until Clear. The caller
    /// flushes it. Throws Error(unsupported) when the TPM takes no such key.
    std::uint32_t load(Connection& connection) const;
    /// `raw` (ECDSA's r and s, or RSASSA-PKCS1-v1_5 over SHA-256) in the TPM's form.
    TPMT_SIGNATURE signature(ByteView raw) const;

  private:
    TPM2B_PUBLIC public_{};
    Bytes name_;
};

} // namespace tpmvsc::tpm
