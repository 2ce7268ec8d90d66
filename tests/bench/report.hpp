// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/bench/interleave.hpp"

#include <optional>
#include <string>

namespace tpmvsc::bench {

/// Report prints the table, a row as soon as it is measured, and remembers what was missed.
class Report {
  public:
    /// Says how busy the machine is, then what the columns are.
    void begin() const;
    /// Begins a part: what is measured in it, and against what.
    void part(const std::string& subject, const std::string& reference);
    /// A ratio of times. Without a budget it is there to be read.
    void times(const std::string& what, const Comparison& comparison,
               std::optional<double> budget = std::nullopt);
    /// An amount of memory in KiB.
    void memory(const std::string& what, double amount,
                std::optional<double> budget = std::nullopt);
    /// Says that a part could not be measured.
    void failed(const std::string& part, const std::string& why);

    bool complete() const { return complete_; }
    bool within_budgets() const { return within_budgets_; }

  private:
    std::string verdict(double value, std::optional<double> budget);

    bool complete_ = true;
    bool within_budgets_ = true;
};

} // namespace tpmvsc::bench
