// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "tpm/types.hpp"

#include <optional>
#include <vector>

namespace tpmvsc::tpm {

class Connection;

/// Which of its endorsement keys a TPM is asked for. To make the RSA one takes a chip seconds, so
/// the other is taken where nothing speaks against it.
enum class EndorsementKind { ecc = 1, rsa = 2 };

/// EndorsementKey is the key that a TPM's maker has vouched for: a decryption key that only the
/// TPM's credentials go through (TCG EK credential profile, templates L-1 and L-2).
struct EndorsementKey {
    EndorsementKind kind = EndorsementKind::ecc;
    Bytes public_area;        ///< TPMT_PUBLIC, marshalled
    Bytes certificate;        ///< X.509, DER; empty where the TPM holds none
    std::vector<Bytes> chain; ///< certificates of its issuers that the TPM holds
};

/// read_endorsement gives the key of `wish`, or else one that has a certificate, the ECC one first.
/// It is the persistent one where the TPM has it at the TCG's handle, or made by its template and
/// flushed again. Throws Error(auth_failed) where the endorsement hierarchy has a password.
EndorsementKey read_endorsement(Connection& connection, std::optional<EndorsementKind> wish);

/// activate_credential opens what somebody has encrypted to the endorsement key for who has the
/// attestation key: `credential` is the content of a TPM2B_ID_OBJECT, `encrypted_secret` that of a
/// TPM2B_ENCRYPTED_SECRET (part 1 section 24). The answer travels encrypted. Throws Error(foreign)
/// or bad_input when it is not for these two keys.
SecretBytes activate_credential(Connection& connection, const Parent& parent,
                                const KeyBlob& attestation_key, EndorsementKind kind,
                                ByteView credential, ByteView encrypted_secret);

} // namespace tpmvsc::tpm
