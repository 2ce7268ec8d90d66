// SPDX-License-Identifier: Apache-2.0
#include "cli/finding.hpp"

#include <algorithm>

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
    output.line(level + std::string(9 - level.size(), ' ') + finding.text);
    if (!finding.advice.empty()) {
        output.line(std::string(9, ' ') + "-> " + finding.advice);
    }
}

} // namespace tpmvsc::cli
