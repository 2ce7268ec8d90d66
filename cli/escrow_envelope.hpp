// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/openssl.hpp"

#include <string>
#include <vector>

/// An escrow record on its way to the help desk: CMS AuthEnvelopedData (RFC 5083) with AES-256-GCM
/// in PEM form, for any of the recipients. "openssl cms -decrypt -inform PEM" opens it as well.
namespace tpmvsc::cli {

/// seal_envelope encrypts for the keys in `recipients`: RSA (by OAEP with SHA-256) or EC.
std::string seal_envelope(ByteView content, const std::vector<openssl::Certificate>& recipients);

/// open_envelope decrypts with one of the recipients' keys. Throws Failure: not_authorised where it
/// is not for this key.
SecretBytes open_envelope(ByteView pem, EVP_PKEY& key);

} // namespace tpmvsc::cli
