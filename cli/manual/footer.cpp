// SPDX-License-Identifier: Apache-2.0
#include "cli/manual/footer.hpp"

#include <regex>
#include <sstream>

namespace tpmvsc::cli::manual {
namespace {

constexpr const char* command_indent = "  ";
constexpr const char* explanation_indent = "      ";

std::string without_indent(const std::string& line) {
    return line.substr(line.find_first_not_of(' '));
}

void append(std::string& text, const std::string& more) {
    text += (text.empty() ? "" : " ") + more;
}

void add_to_examples(std::vector<Example>& examples, const std::string& line) {
    const bool goes_on = !examples.empty() && examples.back().explanation.empty() &&
                         examples.back().lines.back().ends_with('\\');
    if (goes_on) {
        examples.back().lines.push_back("    " + without_indent(line));
    } else if (line.starts_with(explanation_indent) && !examples.empty()) {
        append(examples.back().explanation, without_indent(line));
    } else {
        examples.push_back({{without_indent(line)}, ""});
    }
}

/// "Exit codes: 0 done, 1 failed."
std::vector<ExitMeaning> parse_exit_codes(const std::string& text) {
    std::vector<ExitMeaning> codes;
    const std::regex one("([0-9]) (.+?)(?=, [0-9] |\\.$)");
    for (std::sregex_iterator found(text.begin(), text.end(), one), end; found != end; ++found) {
        codes.push_back({(*found)[1], (*found)[2]});
    }
    return codes;
}

/// Paragraphs of text are told apart by empty lines and by what they begin with.
void add_paragraph(Footer& footer, const std::string& paragraph) {
    if (paragraph.starts_with("Exit code")) {
        footer.exit_codes = parse_exit_codes(paragraph);
    } else if (!paragraph.empty() && paragraph.find("--help\" shows") == std::string::npos) {
        footer.notes.push_back(paragraph);
    }
}

} // namespace

Footer parse_footer(const std::string& text) {
    Footer footer;
    std::istringstream lines(text);
    std::string line;
    std::string paragraph;
    bool in_examples = false;
    while (std::getline(lines, line)) {
        if (line == "Examples:") {
            in_examples = true;
        } else if (in_examples && line.starts_with(command_indent)) {
            add_to_examples(footer.examples, line);
        } else {
            if (line.empty() || line.starts_with("Exit code") || line.starts_with('"')) {
                add_paragraph(footer, paragraph);
                paragraph.clear();
            }
            if (!line.empty()) {
                append(paragraph, line);
            }
        }
    }
    add_paragraph(footer, paragraph);
    return footer;
}

} // namespace tpmvsc::cli::manual
