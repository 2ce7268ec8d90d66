// SPDX-License-Identifier: Apache-2.0
#include "cli/finding.hpp"

#include "cli/colour.hpp"

#include <algorithm>
#include <unistd.h>

namespace tpmvsc::cli {

const char* level_name(Finding::Level level) {
    switch (level) {
    case Finding::Level::ok:
        return "ok";
    case Finding::Level::warning:
        return "warning";
    default:
        return "error";
    }
}

namespace {

Colour colour_of(Finding::Level level) {
    switch (level) {
    case Finding::Level::ok:
        return Colour::good;
    case Finding::Level::warning:
        return Colour::caution;
    default:
        return Colour::bad;
    }
}

} // namespace

std::size_t count(const Findings& findings, Finding::Level level) {
    return static_cast<std::size_t>(
        std::count_if(findings.begin(), findings.end(),
                      [level](const Finding& finding) { return finding.level == level; }));
}

Json to_json(const Findings& findings) {
    Json list = Json::array();
    for (const Finding& finding : findings) {
        list.push_back({{"check", finding.check},
                        {"level", level_name(finding.level)},
                        {"text", finding.text},
                        {"advice", finding.advice}});
    }
    return list;
}

void print(const Finding& finding, const Output& output) {
    const std::string level = level_name(finding.level);
    output.line(in_colour(colour_of(finding.level), level, STDOUT_FILENO) +
                std::string(9 - level.size(), ' ') + finding.text);
    if (!finding.advice.empty()) {
        output.line(std::string(9, ' ') + "-> " + finding.advice);
    }
}

} // namespace tpmvsc::cli
