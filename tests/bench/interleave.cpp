// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/interleave.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace tpmvsc::bench {

namespace {

constexpr unsigned warming_rounds = 3;

double milliseconds(const Action& action) {
    const auto start = std::chrono::steady_clock::now();
    action();
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - start;
    return taken.count();
}

/// The value below which `share` of all lie.
double quantile(std::vector<double> values, double share) {
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
    const auto place = values.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(values.begin(), place, values.end());
    return *place;
}

} // namespace

Comparison compare(unsigned rounds, const Action& subject, const Action& reference) {
    for (unsigned i = 0; i < warming_rounds; ++i) {
        subject();
        reference();
    }
    std::vector<double> subjects;
    std::vector<double> references;
    std::vector<double> ratios;
    for (unsigned i = 0; i < std::max(rounds, 1u); ++i) {
        const bool subject_first = i % 2 == 0;
        const double first = milliseconds(subject_first ? subject : reference);
        const double second = milliseconds(subject_first ? reference : subject);
        subjects.push_back(subject_first ? first : second);
        references.push_back(subject_first ? second : first);
        ratios.push_back(subjects.back() / references.back());
    }
    return {quantile(subjects, 0.5), quantile(references, 0.5), quantile(ratios, 0.5),
            quantile(ratios, 0.25), quantile(ratios, 0.75)};
}

} // namespace tpmvsc::bench
