// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

tpmvsc::Bytes read_all(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The input itself, every cut of it, and every byte of it changed in turn: a thousandth of what
/// the fuzzer does, but the same on every machine.
void run(const tpmvsc::Bytes& input) {
    constexpr std::size_t most_changes = 600;
    LLVMFuzzerTestOneInput(input.data(), input.size());
    const std::size_t changes = std::min(input.size(), most_changes);
    for (std::size_t i = 0; i < changes; ++i) {
        LLVMFuzzerTestOneInput(input.data(), i);
        for (const int change : {0x01, 0x10, 0x80, 0xFF}) {
            tpmvsc::Bytes changed = input;
            changed[i] = static_cast<std::uint8_t>(changed[i] ^ change);
            LLVMFuzzerTestOneInput(changed.data(), changed.size());
        }
    }
}

} // namespace

/// Runs a fuzz target over its corpus folder, without a fuzzer.
int main(int count, char** arguments) {
    std::size_t inputs = 0;
    for (int i = 1; i < count; ++i) {
        std::vector<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator(arguments[i])) {
            files.push_back(entry.path());
        }
        std::sort(files.begin(), files.end());
        for (const auto& file : files) {
            run(read_all(file));
            ++inputs;
        }
    }
    std::printf("%zu inputs and their variants\n", inputs);
    return inputs == 0 ? 1 : 0;
}
