// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace tpmvsc::bench {

/// Comparison is how long two actions took, measured alternately.
struct Comparison {
    double subject_ms = 0;   ///< median
    double reference_ms = 0; ///< median
    /// Median, lower and upper quartile of the quotients of each round. Both halves of a round saw
    /// the same machine, so its noise is in neither.
    double ratio = 0;
    double ratio_low = 0;
    double ratio_high = 0;
};

using Action = std::function<void()>;

/// compare runs `subject` and `reference` alternately, each first every other time.
Comparison compare(unsigned rounds, const Action& subject, const Action& reference);

} // namespace tpmvsc::bench
