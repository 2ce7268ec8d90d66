// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace tpmvsc::cli {

/// Process is a running program and what it may do with files.
struct Process {
    pid_t pid = 0;
    uid_t user = 0;
    std::vector<gid_t> groups;
    /// It passes file permissions by (CAP_DAC_OVERRIDE). Root in a service often lacks this.
    bool overrides_permissions = false;
    /// Its bounding set has CAP_SETUID, see card::file_system::ActAsOwner.
    bool may_change_users = false;
};

/// find_pcscd looks into pcscd's pid file, then for the only process of this name. Nothing while it
/// does not run: systemd starts it with the first program that needs it.
std::optional<Process> find_pcscd();

/// may_read_and_write works out whether `process` can open the file, by owner, group and mode.
bool may_read_and_write(const Process& process, const std::string& path);

/// user_name gives the account's name, or its number when it has none.
std::string user_name(uid_t user);

} // namespace tpmvsc::cli
