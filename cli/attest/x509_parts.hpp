// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/attest/tpm_structures.hpp"
#include "cli/openssl.hpp"

/// Parts of X.509 certificates that verifying takes. Functions throw Refused.
namespace tpmvsc::cli::attest {

openssl::Certificate parse_certificate(ByteView der);

/// handle_of makes libcrypto's key of a public area, and key_info_of its SubjectPublicKeyInfo in
/// DER. What is verified, and what is handed out as a proven key, is made in this way of what the
/// TPM has stated, and never taken from a certificate: one for the same point may name other
/// parameters of the curve, under which somebody else knows a private key (as in CVE-2020-0601).
openssl::Key handle_of(const PublicArea& key);
Bytes key_info_of(const PublicArea& key);

/// holds_key tells whether the certificate is for this key, in every byte of its key. holds_numbers
/// takes an RSA key by its numbers alone: makers write endorsement keys with an algorithm
/// identifier that libcrypto does not take for a key.
bool holds_key(const X509* certificate, const PublicArea& key);
bool holds_numbers(const X509* certificate, const PublicArea& key);

/// statement_extension is the content of the extension that carries a TPM's statement.
Bytes statement_extension(const X509* certificate);

/// oid_text is the object identifier in numbers.
std::string oid_text(const ASN1_OBJECT* object);

} // namespace tpmvsc::cli::attest
