// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

/// The text of a manual page in the macros of mdoc(7).
namespace tpmvsc::cli::manual {

/// Edition is what stands at the foot of a page.
struct Edition {
    std::string version; ///< 1.2.3
    std::string date;    ///< 2026-01-31
};

class Roff {
  public:
    /// The head of a page: "TPMVSC-CREATE", "1".
    Roff(const std::string& title, const std::string& section, const Edition& edition);

    /// macro writes ".Name ARGUMENT": the macro's name is ours, the argument any text.
    void macro(const std::string& name, const std::string& argument = "");
    /// raw writes a line as it is.
    void raw(const std::string& line);
    /// prose writes a text for people, a sentence a line.
    void prose(const std::string& text);
    /// literal writes lines as they are to be seen, set apart.
    void literal(const std::vector<std::string>& lines);

    const std::string& text() const { return text_; }

  private:
    std::string text_;
};

/// argument protects a text as one argument of a macro.
std::string argument(const std::string& text);

} // namespace tpmvsc::cli::manual
