// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/commands/key_options.hpp"
#include "cli/x509/credentials.hpp"

namespace tpmvsc::cli {

/// ImportArguments are a file and where what is in it is to come.
struct ImportArguments : NewKeyArguments {
    std::string file;
    std::string passphrase;
};

/// add_import_options declares slot and file (`forms` says which files), --passphrase and what is
/// said of new keys.
void add_import_options(CLI::App& command, ImportArguments& arguments, const std::string& forms);

/// settle_places tells slot and file apart where only one of them was said: it is the file.
void settle_places(ImportArguments& arguments);

/// read_import_file reads and understands the file, and asks for its passphrase where it has one.
x509::Credentials read_import_file(const ImportArguments& arguments);

} // namespace tpmvsc::cli
