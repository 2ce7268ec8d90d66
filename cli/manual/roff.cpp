// SPDX-License-Identifier: Apache-2.0
#include "cli/manual/roff.hpp"

#include <array>
#include <cctype>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace tpmvsc::cli::manual {
namespace {

constexpr std::size_t longest_line = 78;

/// The code point that begins at `at`, which moves to the last of its bytes.
std::string unicode_escape(const std::string& text, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text.at(i)); };
    unsigned more = byte(at) >= 0xF0 ? 3 : byte(at) >= 0xE0 ? 2 : 1;
    unsigned value = byte(at) & (0x3Fu >> more);
    for (; more > 0; --more) {
        value = (value << 6) | (byte(++at) & 0x3Fu);
    }
    std::ostringstream name;
    name << "\\[u" << std::uppercase << std::hex;
    name.width(4);
    name.fill('0');
    name << value << ']';
    return name.str();
}

/// Text as it is: hyphens stay those of the shell, and lines do not break at them. What is to be
/// typed keeps its quotation marks too.
std::string escape(const std::string& text, bool typed) {
    std::string escaped;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\\') {
            escaped += "\\e";
        } else if (c == '-') {
            escaped += "\\-";
        } else if (typed && (c == '\'' || c == '`' || c == '^' || c == '~')) {
            escaped += c == '\'' ? "\\(aq" : c == '`' ? "\\(ga" : c == '^' ? "\\(ha" : "\\(ti";
        } else if (static_cast<unsigned char>(c) >= 0x80) {
            escaped += unicode_escape(text, i);
        } else {
            escaped += c;
        }
    }
    return escaped;
}

bool begins_as_control(const std::string& line) {
    return line.starts_with('.') || line.starts_with('\'');
}

/// The end of a sentence: a full stop, with a bracket or quotation mark behind it perhaps.
bool ends_sentence(const std::string& word) {
    static const std::regex end(".*[a-z0-9A-Z)\"'][.?!][)\"]?$");
    return std::regex_match(word, end);
}

/// "November 23, 2026", as mdoc wants it.
std::string long_date(const std::string& date) {
    static constexpr std::array<const char*, 12> months{
        "January", "February", "March",     "April",   "May",      "June",
        "July",    "August",   "September", "October", "November", "December"};
    std::smatch parts;
    if (!std::regex_match(date, parts, std::regex("(\\d{4})-(\\d{2})-(\\d{2})"))) {
        throw std::runtime_error("not a date: " + date);
    }
    return std::string(months.at(std::stoul(parts[2]) - 1)) + " " +
           std::to_string(std::stoul(parts[3])) + ", " + parts[1].str();
}

} // namespace

std::string argument(const std::string& text) {
    std::string quoted = std::regex_replace(escape(text, true), std::regex("\""), "\\(dq");
    return "\"" + quoted + "\"";
}

Roff::Roff(const std::string& title, const std::string& section, const Edition& edition) {
    raw(".\\\" Made from the programs' own declarations, the text of --help.");
    raw(".\\\" SPDX-License-Identifier: Apache-2.0");
    raw(".Dd " + long_date(edition.date));
    raw(".Dt " + title + " " + section);
    raw(".Os tpmvsc " + edition.version);
}

void Roff::macro(const std::string& name, const std::string& text) {
    raw("." + name + (text.empty() ? "" : " " + argument(text)));
}

void Roff::raw(const std::string& line) {
    text_ += line + "\n";
}

void Roff::prose(const std::string& text) {
    std::istringstream words(text);
    std::string word;
    std::string line;
    bool ended = false;
    const auto flush = [&] {
        if (!line.empty()) {
            raw((begins_as_control(line) ? "\\&" : "") + line);
        }
        line.clear();
    };
    while (words >> word) {
        const std::string escaped = escape(word, false);
        if (ended || line.size() + 1 + escaped.size() > longest_line) {
            flush();
        }
        line += (line.empty() ? "" : " ") + escaped;
        ended = ends_sentence(word);
    }
    flush();
}

void Roff::literal(const std::vector<std::string>& lines) {
    raw(".Bd -literal -offset indent");
    for (const std::string& line : lines) {
        const std::string escaped = escape(line, true);
        raw((begins_as_control(escaped) ? "\\&" : "") + escaped);
    }
    raw(".Ed");
}

} // namespace tpmvsc::cli::manual
