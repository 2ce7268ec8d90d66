// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/secret.hpp"

#include <optional>
#include <string>
#include <vector>

/// The documents that travel between a card's holder and who verifies: doc/attestation.md has them.
namespace tpmvsc::cli::attest {

/// Signed is a TPM's statement and the signature over it (Ecdsa-Sig-Value).
struct Signed {
    Bytes attest;
    Bytes signature;
};

/// Bundle is all that a card's holder gives at first: certificates in DER, TPM structures as the
/// TPM marshals them.
struct Bundle {
    Bytes certificate;             ///< attests the key, with the TPM's statement in it
    Bytes authority;               ///< of the attestation key
    std::optional<Signed> tries;   ///< of the PIN index' content
    Bytes endorsement_key;         ///< public area; empty where the card could not have it
    Bytes endorsement_certificate; ///< empty where the TPM holds none
    std::vector<Bytes> issuers;    ///< of that certificate
};

/// Challenge goes to the card's holder, Answer comes back, and Expectation stays with the verifier.
struct Challenge {
    bool rsa = false; ///< which endorsement key
    Bytes credential;
    Bytes encrypted_secret;
};
struct Expectation {
    SecretBytes secret;
    Bytes attestation_key; ///< Names of the two keys it was made for
    Bytes endorsement_key;
};

std::string write(const Bundle& bundle);
std::string write(const Challenge& challenge);
std::string write_answer(ByteView answer);
SecretBytes write(const Expectation& expectation);

/// Each reads a document. Throws Failure with `name`: failed for what is none, unsupported for
/// another version. What it does not know it refuses, since nobody would verify it.
Bundle read_bundle(ByteView document, const std::string& name);
Challenge read_challenge(ByteView document, const std::string& name);
Bytes read_answer(ByteView document, const std::string& name);
Expectation read_expectation(ByteView document, const std::string& name);

} // namespace tpmvsc::cli::attest
