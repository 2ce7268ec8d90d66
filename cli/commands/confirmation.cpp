// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/confirmation.hpp"

#include "cli/failure.hpp"
#include "cli/terminal.hpp"

namespace tpmvsc::cli {

void confirm(bool force, const std::string& loss) {
    if (force) {
        return;
    }
    const Terminal terminal("this destroys something, so give --force to do it without a question");
    terminal.say(loss + "\n");
    if (terminal.ask("Type \"yes\" to go on") != "yes") {
        throw Failure(ExitCode::failed, "not confirmed: nothing was changed");
    }
}

} // namespace tpmvsc::cli
