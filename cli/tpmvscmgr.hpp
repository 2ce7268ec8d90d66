// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

/// Windows' vocabulary for making and destroying virtual smart cards (tpmvscmgr.exe), so that a
/// runbook carries over: doc/tpmvscmgr.md has the table.
namespace tpmvsc::cli {

/// The name under which the program understands it.
inline constexpr const char* tpmvscmgr_program = "tpmvscmgr";

struct Translation {
    std::vector<std::string> arguments; ///< tpmvsc's: "create", "--name", ...
    /// Of the card that Windows' instance id means; its id is to be added to the arguments.
    std::optional<unsigned> slot;
    std::vector<std::string> remarks; ///< what is not as on Windows, a sentence each
};

/// What "/?" shows.
extern const char* const tpmvscmgr_usage;

/// from_tpmvscmgr translates arguments such as {"create", "/name", "x", "/AdminKey", "RANDOM"}.
/// Names are understood in any case, as Windows does. No arguments come of a question for the
/// usage. Throws Failure(usage) for what tpmvscmgr does not know either, and Failure(unsupported)
/// for what is done differently here.
Translation from_tpmvscmgr(const std::vector<std::string>& arguments);

} // namespace tpmvsc::cli
