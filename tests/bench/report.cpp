// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/report.hpp"

#include <cstdio>
#include <cstdlib>
#include <thread>

namespace tpmvsc::bench {

void Report::begin() const {
    double load = 0;
    getloadavg(&load, 1);
    std::printf(
        "%u processors, load %.1f. Medians of tpmvsc and of the other, median of the rounds' "
        "quotients and (its quartiles).\n",
        std::thread::hardware_concurrency(), load);
}

void Report::part(const std::string& subject, const std::string& reference) {
    std::printf("\n%s, against %s\n", subject.c_str(), reference.c_str());
    std::fflush(stdout);
}

std::string Report::verdict(double value, std::optional<double> budget) {
    if (!budget)
        return "";
    const bool kept = value <= *budget;
    within_budgets_ = within_budgets_ && kept;
    return kept ? "ok" : "MISSED";
}

void Report::times(const std::string& what, const Comparison& comparison,
                   std::optional<double> budget) {
    std::printf("  %-34s %8.3f ms %8.3f ms   ratio %5.2f  (%4.2f to %4.2f)", what.c_str(),
                comparison.subject_ms, comparison.reference_ms, comparison.ratio,
                comparison.ratio_low, comparison.ratio_high);
    if (budget)
        std::printf("   budget %4.2f  %s", *budget, verdict(comparison.ratio, budget).c_str());
    std::printf("\n");
    std::fflush(stdout);
}

void Report::memory(const std::string& what, double amount, std::optional<double> budget) {
    std::printf("  %-34s %8.0f KiB", what.c_str(), amount);
    if (budget)
        std::printf("%48s budget %4.0f  %s", "", *budget, verdict(amount, budget).c_str());
    std::printf("\n");
    std::fflush(stdout);
}

void Report::failed(const std::string& part, const std::string& why) {
    complete_ = false;
    std::printf("\nNOT MEASURED: %s: %s\n", part.c_str(), why.c_str());
    std::fflush(stdout);
}

} // namespace tpmvsc::bench
