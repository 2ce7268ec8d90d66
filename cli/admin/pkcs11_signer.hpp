// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/reset_challenge.hpp"
#include "cli/secret_source.hpp"

#include <string>

/// The authority's private key in a token: a smart card or a hardware security module, through
/// PKCS#11.
namespace tpmvsc::cli {

/// is_pkcs11_uri tells a URI (RFC 7512) from the name of a file.
bool is_pkcs11_uri(const std::string& text);

/// sign_with_token signs the challenge with the one private key that `uri` names, a P-256 key or an
/// RSA key. The module is the URI's module-path, or any that p11-kit knows. `pin` is where the
/// token's PIN comes from; it goes to no token as long as several fit. Throws Failure.
ResetAnswer sign_with_token(const std::string& uri, const SecretSource& pin,
                            const ResetChallenge& challenge);

} // namespace tpmvsc::cli
