// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include "tests/catch.hpp"

#include <utility>
#include <vector>

using namespace tpmvsc;

namespace {

std::vector<std::pair<LogLevel, std::string>> lines;

void keep(LogLevel level, const char* line) {
    lines.emplace_back(level, line);
}

} // namespace

TEST_CASE("log lines go to the sink, and to nobody before there is one") {
    lines.clear();
    set_log_sink(nullptr);
    log(LogLevel::critical, "dropped");
    set_log_sink(keep);
    log(LogLevel::error, "kept 100% %s");
    set_log_sink(nullptr);
    log(LogLevel::error, "dropped");
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].first == LogLevel::error);
    CHECK(lines[0].second == "kept 100% %s");
}

TEST_CASE("nothing in a log line can start another") {
    lines.clear();
    set_log_sink(keep);
    log(LogLevel::info, std::string("a\nb\r\x1b[31m\0c\x7f \xc3\xbc", 15));
    set_log_sink(nullptr);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].second == "a b  [31m c  \xc3\xbc");
}
