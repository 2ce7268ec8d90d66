// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/attest/bundle.hpp"
#include "cli/attest/tpm_structures.hpp"

namespace tpmvsc::cli::attest {

/// TpmMake is what the maker says of a TPM in its endorsement certificate (TCG EK credential
/// profile section 3.1.2). Empty where it does not.
struct TpmMake {
    std::string manufacturer; ///< the letters of the TCG's vendor registry
    std::string model;
    std::string version;
    std::string issuer;
};

/// read_make checks that the certificate is one of an endorsement key, this one, and says whose.
/// Throws Refused when it is not.
TpmMake read_make(ByteView certificate, const PublicArea& endorsement_key);

/// why_untrusted verifies the certificate's chain up to one of the self-signed certificates in
/// `roots`, by way of its other ones and of `issuers`. Empty when it holds, else a sentence.
std::string why_untrusted(ByteView certificate, const std::vector<Bytes>& issuers,
                          const std::vector<std::string>& roots);

} // namespace tpmvsc::cli::attest
