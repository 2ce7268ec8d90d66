// SPDX-License-Identifier: Apache-2.0
#include "cli/lockout_text.hpp"

namespace tpmvsc::cli {

std::string wait_text(std::chrono::seconds wait) {
    constexpr int half_a_minute = 30;
    const auto seconds = static_cast<std::uint64_t>(wait.count());
    std::string text = "at most " + plural(seconds, "more second");
    if (wait >= std::chrono::hours(2)) {
        text += " (about " + plural((seconds + 1800) / 3600, "hour") + ")";
    } else if (wait >= std::chrono::minutes(2)) {
        text += " (about " + plural((seconds + half_a_minute) / 60, "minute") + ")";
    }
    return text;
}

std::string lockout_text(const tpm::Lockout& lockout) {
    return (lockout.active ? "locked for " + wait_text(lockout.longest_wait())
                           : std::string("not locked")) +
           ", " + std::to_string(lockout.failed) + " of " +
           std::to_string(lockout.limits.max_tries) + " wrong tries";
}

std::string password_recovery_text(const tpm::LockoutLimits& limits) {
    const auto seconds = static_cast<std::uint64_t>(limits.password_recovery.count());
    return seconds == 0 ? "until the computer is restarted" : "for " + duration(seconds);
}

Json to_json(const tpm::Lockout& lockout) {
    Json json{{"active", lockout.active},
              {"counter", lockout.failed},
              {"max_tries", lockout.limits.max_tries},
              {"tries_left", lockout.tries_left()},
              {"recovery_seconds", lockout.limits.recovery.count()},
              {"lockout_recovery_seconds", lockout.limits.password_recovery.count()},
              {"password_set", lockout.password_set}};
    json["locked_for_at_most"] =
        lockout.active ? Json(lockout.longest_wait().count()) : Json(nullptr);
    return json;
}

} // namespace tpmvsc::cli
