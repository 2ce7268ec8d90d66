// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/keys.hpp"

#include <string>

namespace tpmvsc::cli::x509 {

/// ssh_fingerprint is what "ssh-keygen -l" says of the key's line in authorized_keys: "SHA256:" and
/// the digest of the key as RFC 4253 section 6.6 and RFC 5656 section 3.1 encode it, in base64
/// without padding. Empty for a key that ssh has no name for.
std::string ssh_fingerprint(const card::PublicKey& key);

} // namespace tpmvsc::cli::x509
