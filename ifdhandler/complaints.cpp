// SPDX-License-Identifier: Apache-2.0
#include "ifdhandler/complaints.hpp"

#include "base/log.hpp"

namespace tpmvsc::ifd {

void Complaints::report(std::set<std::string> problems) {
    for (const auto& problem : problems) {
        if (standing_.count(problem) == 0) {
            log(LogLevel::error, problem);
        }
    }
    for (const auto& problem : standing_) {
        if (problems.count(problem) == 0) {
            log(LogLevel::info, "over: " + problem);
        }
    }
    standing_ = std::move(problems);
}

void Complaints::add(const std::string& problem) {
    if (standing_.insert(problem).second) {
        log(LogLevel::error, problem);
    }
}

} // namespace tpmvsc::ifd
