// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace tpmvsc::cli {

/// noun gives the subcommand `name`, below which its verbs are declared; it is made where it is not
/// there yet.
CLI::App& noun(CLI::App& app, const std::string& name, const std::string& description);

} // namespace tpmvsc::cli
