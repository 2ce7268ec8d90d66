// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/x509/credentials.hpp"

#include <string>

namespace CLI {
class App;
}

namespace tpmvsc::cli {

/// add_passphrase_option declares --passphrase.
void add_passphrase_option(CLI::App& command, std::string& source);

/// read_credential_file reads and understands a file, and asks for its passphrase where it has one.
x509::Credentials read_credential_file(const std::string& path, const std::string& passphrase);

} // namespace tpmvsc::cli
