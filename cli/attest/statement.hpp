// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/attest/bundle.hpp"
#include "cli/attest/tpm_structures.hpp"

namespace tpmvsc::cli::attest {

/// PinNeed is when the key wants the PIN, by the card's word: the TPM knows only whether.
enum class PinNeed { never, once, always };

/// KeyFacts is what the TPM's statement says of a key, if the attestation key is a TPM's.
struct KeyFacts {
    std::string kind;
    PinNeed pin = PinNeed::never;
    bool own_tries = false; ///< counted for this card; else by the TPM's lockout
    Bytes nonce;
    Bytes attestation_key; ///< Name
    std::optional<CertifiedCount> tries;
    Bytes public_key; ///< SubjectPublicKeyInfo
};

/// read_statement checks that all of the bundle's statements hold together and are signed by the
/// attestation key. Throws Refused when anything does not.
KeyFacts read_statement(const Bundle& bundle);

} // namespace tpmvsc::cli::attest
