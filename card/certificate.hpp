// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "card/keys.hpp"

#include <optional>
#include <string>

/// X.509 certificates (RFC 5280) signed by ECDSA with SHA-256, as far as attestation needs them:
/// the signing key is in the TPM, so the bytes to be signed and the signature come together here.
namespace tpmvsc::card::certificate {

/// Content is what goes into a certificate. Names, key and extensions are DER already.
struct Content {
    Bytes serial; ///< unsigned, up to 20 bytes
    Bytes issuer;
    Bytes subject;
    std::string not_before; ///< "2026-01-31T23:59:59Z"; there is no end (RFC 5280 section 4.1.2.5)
    Bytes public_key;       ///< SubjectPublicKeyInfo
    Bytes extensions;       ///< one Extension after the other
};

/// common_name is a distinguished name of one part.
Bytes common_name(const std::string& text);
/// public_key_info is the SubjectPublicKeyInfo of a card's key.
Bytes public_key_info(KeyAlgorithm algorithm, const PublicKey& key);
/// extension wraps `value`; `oid` is the encoded object identifier without tag and length.
Bytes extension(ByteView oid, bool critical, ByteView value);
/// The two extensions that make a certification authority of the last level.
Bytes authority_extensions();

Bytes to_be_signed(const Content& content);
/// finish puts the signature (r and s, 32 bytes each) to the signed bytes.
Bytes finish(ByteView to_be_signed, ByteView r_and_s);

/// subject_of finds the subject's name in a certificate; nothing when it is none.
std::optional<Bytes> subject_of(ByteView certificate);

} // namespace tpmvsc::card::certificate
