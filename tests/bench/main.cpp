// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/measure.hpp"

#include <array>
#include <cstdio>
#include <exception>

using namespace tpmvsc::bench;

namespace {

struct Part {
    const char* name;
    void (*measure)(const Setting&, Report&);
};

/// PKCS#11 comes before the cards are filled with objects that OpenSC would read first.
constexpr std::array parts{
    Part{"signatures through PC/SC", measure_signatures},
    Part{"signatures through PKCS#11", measure_pkcs11},
    Part{"many cards", measure_many_cards},
};

constexpr int not_measured = 1;
constexpr int budget_missed = 2;

int measure_all(const Setting& setting) {
    Report report;
    report.begin();
    for (const Part& part : parts) {
        try {
            part.measure(setting, report);
        } catch (const std::exception& fault) {
            report.failed(part.name, fault.what());
        }
    }
    if (!report.complete())
        return not_measured;
    return setting.assert_all && !report.within_budgets() ? budget_missed : 0;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return measure_all(read_setting(argc, argv));
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "bench: %s\n", fault.what());
        return not_measured;
    }
}
