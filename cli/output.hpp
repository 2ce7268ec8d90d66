// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tpmvsc::cli {

/// Keys in the order in which they were put in, which is the order a reader expects.
using Json = nlohmann::ordered_json;

/// A value that is shown once and then gone, with the name it is shown under.
using ShownSecret = std::pair<std::string, SecretBytes>;

/// Output keeps the two streams apart: standard output carries the result and nothing else (text,
/// or JSON with --json), standard error what happens on the way.
class Output {
  public:
    std::string program = "tpmvsc"; ///< as which it speaks
    std::string command;            ///< what it was told to do: "key generate"
    /// Both are options of every subcommand.
    bool json = false;
    bool verbose = false;

    /// line writes to standard output, unless JSON was asked for.
    void line(const std::string& text) const;
    /// progress says on standard error what is being done.
    void progress(const std::string& text) const;
    /// detail does so only with --verbose.
    void detail(const std::string& text) const;
    /// warning goes to standard error, and is kept for the JSON result.
    void warning(const std::string& text);
    const std::vector<std::string>& warnings() const { return warnings_; }
    /// secrets writes them at once, a line each; with --json as the first member "secrets" of the
    /// document that follows. They are written from where they are: no copy of them stays in a
    /// string.
    void secrets(const std::vector<ShownSecret>& shown);
    /// document writes `value`, an object, to standard output.
    void document(const Json& value) const;

  private:
    std::vector<std::string> warnings_;
    bool document_begun_ = false;
};

/// report_error and report_warning say on standard error what went wrong, or nearly did.
void report_error(const std::string& program, const std::string& text);
void report_warning(const std::string& program, const std::string& text);

/// printable replaces control characters: names come from cards and files, terminals obey them.
std::string printable(std::string_view text);

/// table lays rows out in columns. No blanks at line ends.
std::string table(const std::vector<std::vector<std::string>>& rows);
/// headed_table does so too; the first row, which there has to be, is the heading.
std::string headed_table(std::vector<std::vector<std::string>> rows);

/// plural gives "1 card", "2 cards".
std::string plural(std::size_t count, const std::string& noun);

/// duration says seconds as people do: "45 seconds", "10 minutes", "2 hours".
std::string duration(std::uint64_t seconds);

} // namespace tpmvsc::cli
