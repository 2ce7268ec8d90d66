// SPDX-License-Identifier: Apache-2.0
#include "tests/catch.hpp"
#include "tests/unit/base_child.hpp"

#include "base/boot_clock.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sched.h>

using namespace tpmvsc;
using namespace std::chrono_literals;

TEST_CASE("the machine's own time runs on and has a name") {
    const BootTime first = boot_time();
    const BootTime second = boot_time();
    CHECK(first.since > 0ms);
    CHECK(second.since >= first.since);
    CHECK(second.run == first.run);
    CHECK(first.run.size() == 36);
    CHECK(first.asleep >= 0ms);
    CHECK(first.asleep <= first.since);
    CHECK(second.asleep - first.asleep < 100ms);
}

TEST_CASE("sleep is what the machine has run without being awake") {
    BootTime time;
    time.asleep = 10s;
    CHECK(!time.slept_since(10s));
    CHECK(!time.slept_since(9950ms));
    CHECK(time.slept_since(9s));
    CHECK(!time.slept_since(11s));

    // What a machine has slept is here made up by the kernel, for a namespace: time_namespaces(7).
    const std::string tenths = test::in_child([]() -> std::string {
        if (::unshare(CLONE_NEWUSER | CLONE_NEWTIME) != 0 && ::unshare(CLONE_NEWTIME) != 0)
            return std::string("no time namespace: ") + std::strerror(errno);
        if (!(std::ofstream("/proc/self/timens_offsets") << "boottime 500 0" << std::flush))
            return "no time namespace: it takes no offset";
        const auto before = boot_time().asleep;
        const std::string after =
            test::in_child([] { return std::to_string(boot_time().asleep.count()); });
        return std::to_string((std::stoll(after) - before.count() + 50) / 100);
    });
    if (tenths.find("no time namespace") == 0)
        WARN(tenths << ": left out");
    else
        CHECK(tenths == "5000");
}
