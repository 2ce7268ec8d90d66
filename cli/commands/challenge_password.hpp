// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"

#include <string>

namespace CLI {
class App;
}

namespace tpmvsc::cli {

/// add_challenge_password_option declares --challenge-password, the one-time secret by which an
/// authority knows that the request is from whom it gave it to (RFC 2985 section 5.4.1).
void add_challenge_password_option(CLI::App& command, std::string& source);

/// read_challenge_password reads it; empty where none is wanted.
SecretBytes read_challenge_password(const std::string& source);

} // namespace tpmvsc::cli
