// SPDX-License-Identifier: Apache-2.0
#include "cli/colour.hpp"

#include <cstdlib>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

constexpr std::string_view sequence_start = "\x1b[";
constexpr char sequence_end = 'm';

const char* rendition(Colour colour) {
    switch (colour) {
    case Colour::heading:
        return "1";
    case Colour::good:
        return "32";
    case Colour::caution:
        return "33";
    default:
        return "31";
    }
}

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string sequence(std::string_view parameter) {
    return std::string(sequence_start) + std::string(parameter) + sequence_end;
}

} // namespace

bool shows_colours(int descriptor) {
    const std::string_view terminal = environment("TERM");
    return environment("NO_COLOR").empty() && !terminal.empty() && terminal != "dumb" &&
           ::isatty(descriptor) == 1;
}

std::string in_colour(Colour colour, std::string_view text, int descriptor) {
    if (text.empty() || !shows_colours(descriptor)) {
        return std::string(text);
    }
    return sequence(rendition(colour)) + std::string(text) + sequence("");
}

std::string without_colours(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        const std::size_t start = text.find(sequence_start);
        plain += text.substr(0, start);
        if (start == std::string_view::npos) {
            break;
        }
        const std::size_t end = text.find(sequence_end, start);
        text = end == std::string_view::npos ? "" : text.substr(end + 1);
    }
    return plain;
}

} // namespace tpmvsc::cli
