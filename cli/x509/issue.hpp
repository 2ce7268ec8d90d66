// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/x509/certificate.hpp"
#include "cli/x509/extensions.hpp"
#include "cli/x509/signing.hpp"

namespace tpmvsc::cli::x509 {

/// Content is what a request asks for, or a certificate says.
struct Content {
    Bytes subject; ///< Name, DER
    const Extensions* extensions = nullptr;
    Hash hash = Hash::sha256;
};

/// make_request gives a PKCS#10 request (RFC 2986) in DER. The challenge password may be empty.
/// What the key has signed is verified before it is given out.
Bytes make_request(const Content& content, ByteView challenge_password, const Signer& signer);

/// request_pem writes it as "BEGIN CERTIFICATE REQUEST".
Bytes request_pem(ByteView request);

/// make_self_signed gives a certificate (RFC 5280) that is valid from now for `days`.
Certificate make_self_signed(const Content& content, unsigned days, const Signer& signer);

} // namespace tpmvsc::cli::x509
