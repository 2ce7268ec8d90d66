// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/algorithm_option.hpp"

#include "cli/failure.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <utility>
#include <vector>

namespace tpmvsc::cli {
namespace {

constexpr std::array<std::pair<const char*, card::KeyAlgorithm>, 6> algorithms{{
    {"rsa2048", card::KeyAlgorithm::rsa2048},
    {"rsa3072", card::KeyAlgorithm::rsa3072},
    {"rsa4096", card::KeyAlgorithm::rsa4096},
    {"rsa1024", card::KeyAlgorithm::rsa1024},
    {"p256", card::KeyAlgorithm::p256},
    {"p384", card::KeyAlgorithm::p384},
}};

} // namespace

void add_algorithm_option(CLI::App& command, std::string& name) {
    std::vector<std::string> names;
    names.reserve(algorithms.size());
    for (const auto& [known, algorithm] : algorithms) {
        names.emplace_back(known);
    }
    command
        .add_option("--algorithm", name,
                    "kind of key: rsa2048 works in every program, p256 and p384 are made and used "
                    "faster")
        ->check(CLI::IsMember(names))
        ->capture_default_str();
}

card::KeyAlgorithm parse_algorithm(const std::string& name) {
    for (const auto& [known, algorithm] : algorithms) {
        if (name == known) {
            return algorithm;
        }
    }
    throw Failure(ExitCode::usage, "there is no such algorithm");
}

} // namespace tpmvsc::cli
