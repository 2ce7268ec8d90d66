// SPDX-License-Identifier: Apache-2.0
#include "cli/process.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <linux/capability.h>
#include <pwd.h>
#include <sstream>
#include <sys/stat.h>

namespace tpmvsc::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* pid_file = "/run/pcscd/pcscd.pid";
constexpr const char* program = "pcscd";

bool is_pcscd(const fs::path& folder) {
    std::ifstream file(folder / "comm");
    std::string name;
    return std::getline(file, name) && name == program;
}

/// Whether the set that comes next, in hexadecimal, has this capability.
bool names_capability(std::istream& words, unsigned capability) {
    unsigned long long bits = 0;
    words >> std::hex >> bits;
    return (bits >> capability & 1) != 0;
}

/// /proc/PID/status, see proc(5).
std::optional<Process> read_process(pid_t pid) {
    const fs::path folder = fs::path("/proc") / std::to_string(pid);
    std::ifstream status(folder / "status");
    if (!is_pcscd(folder) || !status) {
        return std::nullopt;
    }
    Process process;
    process.pid = pid;
    for (std::string line; std::getline(status, line);) {
        std::istringstream words(line);
        std::string key;
        words >> key;
        if (key == "Uid:") {
            uid_t real = 0;
            words >> real >> process.user; // the second is the effective one
        } else if (key == "Gid:") {
            gid_t real = 0;
            gid_t effective = 0;
            words >> real >> effective;
            process.groups.push_back(effective);
        } else if (key == "Groups:") {
            for (gid_t group = 0; words >> group;) {
                process.groups.push_back(group);
            }
        } else if (key == "CapEff:") {
            process.overrides_permissions = names_capability(words, CAP_DAC_OVERRIDE);
        } else if (key == "CapBnd:") {
            process.may_change_users = names_capability(words, CAP_SETUID);
        }
    }
    return process;
}

std::vector<pid_t> running_pcscds() {
    std::vector<pid_t> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/proc", error)) {
        const std::string name = entry.path().filename().string();
        pid_t pid = 0;
        const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (problem == std::errc() && end == name.data() + name.size() && is_pcscd(entry.path())) {
            found.push_back(pid);
        }
    }
    return found;
}

} // namespace

std::optional<Process> find_pcscd() {
    std::ifstream file(pid_file);
    pid_t pid = 0;
    if (file >> pid) {
        if (auto process = read_process(pid)) {
            return process;
        }
    }
    const auto running = running_pcscds();
    return running.size() == 1 ? read_process(running.front()) : std::nullopt;
}

bool may_read_and_write(const Process& process, const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return false;
    }
    if (process.overrides_permissions) {
        return true;
    }
    if (process.user == status.st_uid) {
        return (status.st_mode & (S_IRUSR | S_IWUSR)) == (S_IRUSR | S_IWUSR);
    }
    if (std::find(process.groups.begin(), process.groups.end(), status.st_gid) !=
        process.groups.end()) {
        return (status.st_mode & (S_IRGRP | S_IWGRP)) == (S_IRGRP | S_IWGRP);
    }
    return (status.st_mode & (S_IROTH | S_IWOTH)) == (S_IROTH | S_IWOTH);
}

std::string user_name(uid_t user) {
    const passwd* entry = ::getpwuid(user);
    return entry != nullptr ? entry->pw_name : std::to_string(user);
}

} // namespace tpmvsc::cli
