// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/manual/footer.hpp"

#include <string>
#include <vector>

namespace CLI {
class App;
}

/// The manual pages and the completion of the shell, made of what the programs declare for --help.
namespace tpmvsc::cli::manual {

/// Option is an option or, without names, an argument by position.
struct Option {
    std::vector<std::string> names;  ///< "-o", "--out"
    std::string label;               ///< what stands for the value: "FILE"; none for a flag
    std::string type;                ///< of the value: "FILE", "SLOT", "TEXT"
    std::string range;               ///< "1 to 15", where there is one
    std::vector<std::string> values; ///< the only ones there are, where they are listed
    std::string default_value;
    std::string description;
    std::string group;
    bool required = false;
    bool repeated = false;
    std::vector<std::string> needs;
    std::vector<std::string> excludes;

    bool takes_value() const { return !label.empty(); }
};

/// Command is a program, or a command of it, as --help shows it.
struct Command {
    std::vector<std::string> words; ///< "tpmvsc", "key", "generate"
    std::string description;
    Footer footer;
    std::vector<Option> arguments;
    std::vector<Option> options;
    std::vector<Command> verbs;

    /// "tpmvsc key generate"
    std::string line() const;
    /// "tpmvsc-key-generate"
    std::string page() const;
};

/// read_command reads all that is declared on `app` and below it.
Command read_command(const CLI::App& app);

} // namespace tpmvsc::cli::manual
