// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/keys.hpp"

#include <string>

namespace CLI {
class App;
}

namespace tpmvsc::cli {

/// add_algorithm_option declares --algorithm.
void add_algorithm_option(CLI::App& command, std::string& name);

/// parse_algorithm understands what add_algorithm_option has let pass.
card::KeyAlgorithm parse_algorithm(const std::string& name);

} // namespace tpmvsc::cli
