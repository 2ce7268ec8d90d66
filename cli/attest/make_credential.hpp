// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/attest/tpm_structures.hpp"

namespace tpmvsc::cli::attest {

/// Credential is what TPM2_MakeCredential answers: contents of TPM2B_ID_OBJECT and
/// TPM2B_ENCRYPTED_SECRET.
struct Credential {
    Bytes blob;
    Bytes encrypted_secret;
};

/// make_credential encrypts `secret` (at most 32 bytes) to the endorsement key, for the object of
/// this Name alone: part 1 section 24, computed here. Throws Refused for a key that is none of the
/// TCG's templates L-1 and L-2.
Credential make_credential(const PublicArea& endorsement_key, ByteView object_name,
                           ByteView secret);

} // namespace tpmvsc::cli::attest
