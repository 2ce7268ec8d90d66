// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tpmvsc::cli::manual {

/// Example is a command line, perhaps in several lines, and what it is good for.
struct Example {
    std::vector<std::string> lines;
    std::string explanation;
};

/// ExitCode is a number and what it means.
struct ExitMeaning {
    std::string code;
    std::string meaning;
};

/// Footer is what stands below the options in --help.
struct Footer {
    std::vector<std::string> notes;
    std::vector<Example> examples;
    std::vector<ExitMeaning> exit_codes;
};

/// parse_footer takes the text apart: "Examples:", below it lines with two blanks for commands and
/// with six for explanations; "Exit codes: 0 done, 1 failed."; all else is notes.
/// What refers to --help is left out.
Footer parse_footer(const std::string& text);

} // namespace tpmvsc::cli::manual
