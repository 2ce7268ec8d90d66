// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/setting.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <stdexcept>

namespace tpmvsc::bench {

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr)
        throw std::runtime_error(std::string(name) + " is not set: start this by tests/bench/run");
    return value;
}

} // namespace

Setting read_setting(int argc, char** argv) {
    Setting setting;
    CLI::App app("Measures tpmvsc against its budgets. Started by tests/bench/run.", "bench");
    app.add_option("--rounds", setting.rounds, "rounds of each comparison")->capture_default_str();
    app.add_option("--objects", setting.objects, "data objects of each of many cards")
        ->capture_default_str();
    app.add_flag("--assert", setting.assert_all, "fail when a budget is missed");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
    setting.pin = environment("TPMVSC_PIN");
    setting.admin_key = from_hex(environment("TPMVSC_ADMIN_KEY")).value_or(Bytes());
    setting.tcti = environment("TPMVSC_TCTI");
    setting.control = environment("TPMVSC_RIG_CTL");
    setting.other_control = environment("TPMVSC_BENCH_OTHER_CTL");
    setting.other_socket = environment("TPMVSC_BENCH_OTHER_SOCKET");
    setting.opensc_module = environment("TPMVSC_BENCH_OPENSC");
    setting.peer_module = environment("TPMVSC_BENCH_PEER");
    setting.peer_token = environment("TPMVSC_BENCH_PEER_TOKEN");
    setting.peer_pin = environment("TPMVSC_BENCH_PEER_PIN");
    return setting;
}

} // namespace tpmvsc::bench
