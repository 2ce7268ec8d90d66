// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/manual/roff.hpp"

#include <string>

namespace tpmvsc::cli::manual {

/// settings_page makes tpmvsc.conf(5) of the file's own comments: paragraphs, and at the end of one
/// the setting, commented out with its default. `path` is where the file is installed.
std::string settings_page(const std::string& file, const std::string& path, const Edition& edition);

} // namespace tpmvsc::cli::manual
