// SPDX-License-Identifier: Apache-2.0
#include "tests/scenarios/player.hpp"

#include "base/log.hpp"

#include <cstdio>
#include <string>

namespace {

/// Plays one file; true when the card answered everything as the file says.
bool play(const std::string& path) {
    try {
        tpmvsc::test::Player player;
        const auto failures = player.play(path);
        for (const std::string& failure : failures) {
            std::printf("%s: %s\n", path.c_str(), failure.c_str());
        }
        std::printf("%s: %u commands, %zu unexpected answers\n", path.c_str(), player.commands(),
                    failures.size());
        return failures.empty() && player.commands() != 0;
    } catch (const std::exception& error) {
        std::printf("%s: %s\n", path.c_str(), error.what());
        return false;
    }
}

} // namespace

int main(int count, char** arguments) {
    if (count < 2) {
        std::puts("usage: scenarios FILE...");
        return 2;
    }
    tpmvsc::set_log_sink([](tpmvsc::LogLevel level, const char* line) {
        if (level >= tpmvsc::LogLevel::error) {
            std::printf("  log: %s\n", line);
        }
    });
    bool well = true;
    for (int i = 1; i < count; ++i) {
        well = play(arguments[i]) && well;
    }
    return well ? 0 : 1;
}
