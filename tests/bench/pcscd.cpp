// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/pcscd.hpp"

#include <array>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace tpmvsc::bench {

std::string Pcscd::ask(const std::string& request) const {
    FILE* answer = popen((control_ + " " + request).c_str(), "r");
    if (answer == nullptr)
        throw std::runtime_error("cannot run " + control_);
    std::array<char, 256> line{};
    const bool answered = std::fgets(line.data(), line.size(), answer) != nullptr;
    if (pclose(answer) != 0 || !answered)
        throw std::runtime_error("the rig refuses " + request);
    std::string text = line.data();
    return text.substr(0, text.find('\n'));
}

double Pcscd::private_memory() const {
    const std::string path = "/proc/" + ask("pcscd-pid") + "/smaps_rollup";
    std::ifstream file(path);
    double total = 0;
    unsigned found = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("Private_Clean:") || line.starts_with("Private_Dirty:")) {
            total += std::stod(line.substr(line.find(':') + 1));
            ++found;
        }
    }
    if (found != 2)
        throw std::runtime_error(path + " does not say what memory is private");
    return total;
}

} // namespace tpmvsc::bench
