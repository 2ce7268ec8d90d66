// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include "cli/colour.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

/// Columns that `text` takes on a terminal, near enough: one for each UTF-8 character.
std::size_t width(const std::string& coloured) {
    const std::string text = without_colours(coloured);
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

/// Past the stream's buffer, which would keep a copy.
void write_unbuffered(ByteView bytes) {
    std::cout.flush();
    std::fflush(stdout);
    while (!bytes.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (written <= 0) {
            throw std::runtime_error("cannot write to standard output");
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

} // namespace

void Output::line(const std::string& text) const {
    if (!json) {
        std::cout << text << '\n';
    }
}

void Output::progress(const std::string& text) const {
    std::cerr << text << '\n';
}

void Output::detail(const std::string& text) const {
    if (verbose) {
        std::cerr << text << '\n';
    }
}

void Output::warning(const std::string& text) {
    warnings_.push_back(text);
    report_warning(program, text);
}

void Output::secrets(const std::vector<ShownSecret>& shown) {
    if (shown.empty()) {
        return;
    }
    const char* before = json ? "{\n  \"secrets\": {\n    \"" : "  ";
    for (const auto& [name, secret] : shown) {
        std::cout << before << name << (json ? "\": \"" : ": ");
        write_unbuffered(secret.view());
        before = json ? "\",\n    \"" : "\n  ";
    }
    std::cout << (json ? "\"\n  },\n" : "\n") << std::flush;
    document_begun_ = json;
}

void Output::document(const Json& value) const {
    const std::string text = value.dump(2, ' ', false, Json::error_handler_t::replace);
    std::cout << (document_begun_ ? text.substr(text.find('\n') + 1) : text) << std::endl;
}

void report_error(const std::string& program, const std::string& text) {
    std::cerr << in_colour(Colour::bad, program + ":", STDERR_FILENO) << ' ' << text << '\n';
}

void report_warning(const std::string& program, const std::string& text) {
    std::cerr << program << ": " << in_colour(Colour::caution, "warning:", STDERR_FILENO) << ' '
              << text << '\n';
}

std::string printable(std::string_view text) {
    std::string shown(text);
    std::replace_if(
        shown.begin(), shown.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
    return shown;
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()), 0);
        for (std::size_t column = 0; column < row.size(); ++column) {
            widths[column] = std::max(widths[column], width(row[column]));
        }
    }
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t column = 0; column < row.size(); ++column) {
            line += row[column] + std::string(widths[column] - width(row[column]) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

std::string headed_table(std::vector<std::vector<std::string>> rows) {
    for (std::string& title : rows.at(0)) {
        title = in_colour(Colour::heading, title, STDOUT_FILENO);
    }
    return table(rows);
}

std::string plural(std::size_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string duration(std::uint64_t seconds) {
    if (seconds != 0 && seconds % 3600 == 0) {
        return plural(seconds / 3600, "hour");
    }
    if (seconds != 0 && seconds % 60 == 0) {
        return plural(seconds / 60, "minute");
    }
    return plural(seconds, "second");
}

} // namespace tpmvsc::cli
