// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/x509/certificate.hpp"
#include "cli/x509/private_key.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tpmvsc::cli::x509 {

/// Credentials are what is in a file: certificates in the order in which they are there, and a
/// private key.
struct Credentials {
    std::vector<Certificate> certificates;
    std::optional<PrivateKey> key;
};

/// AskPassphrase is called at most once, and only for a file that is encrypted.
using AskPassphrase = std::function<SecretBytes()>;

/// read_credentials understands PEM (certificates, PKCS#7, private keys of PKCS#1, SEC 1, PKCS#8)
/// and DER (a certificate, PKCS#7, PKCS#12, a private key). `name` is the file's, for the sentence.
/// Throws Failure: not_authorised for a wrong passphrase, failed for what is none of all that.
Credentials read_credentials(const std::string& name, ByteView contents, const AskPassphrase& ask);

} // namespace tpmvsc::cli::x509
