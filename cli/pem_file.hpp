// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/openssl.hpp"
#include "cli/secret_source.hpp"

#include <string>

/// Keys and certificates in PEM files. Every function throws Failure with the file's name where it
/// does not hold what is wanted.
namespace tpmvsc::cli {

/// load_private_key reads PKCS#8 or the traditional forms; `passphrase` is where that of an
/// encrypted one comes from.
openssl::Key load_private_key(const std::string& path, const SecretSource& passphrase);

/// load_public_key reads a public key, or takes it from a certificate or a private key. Without
/// `passphrase` an encrypted private key is refused.
openssl::Key load_public_key(const std::string& path, const SecretSource* passphrase);

openssl::Certificate load_certificate(const std::string& path);

} // namespace tpmvsc::cli
