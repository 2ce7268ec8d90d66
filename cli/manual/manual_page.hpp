// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/manual/command.hpp"
#include "cli/manual/roff.hpp"

#include <map>
#include <string>

namespace tpmvsc::cli::manual {

/// File is a file that a program uses, for the section FILES.
struct File {
    std::string path;
    std::string what;
};

/// Variable is one of the environment, for the section ENVIRONMENT.
struct Variable {
    std::string name;
    std::string meaning;
};

/// Surroundings are what the pages of one program have in common.
struct Surroundings {
    Edition edition;
    std::vector<Variable> environment;
    std::vector<File> files;
    std::vector<std::string> see_also; ///< "tpmvsc.conf 5", for the program's own page
    /// What there is to say about a command beyond --help, by page: paragraphs.
    std::map<std::string, std::string> more;
};

/// manual_page gives the page of `command`, one of `program` or that itself.
std::string manual_page(const Command& command, const Command& program,
                        const Surroundings& surroundings);

} // namespace tpmvsc::cli::manual
