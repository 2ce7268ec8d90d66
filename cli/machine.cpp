// SPDX-License-Identifier: Apache-2.0
#include "cli/machine.hpp"

#include "cli/failure.hpp"
#include "tpm/tpm.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

namespace fs = std::filesystem;

bool is_device(const std::string& tcti) {
    return tcti.starts_with("device:");
}

/// What the kernel says of the TPM that it found: a TPM 1.2 has no resource manager.
bool is_tpm_1_2() {
    std::ifstream file("/sys/class/tpm/tpm0/tpm_version_major");
    return file.get() == '1';
}

TpmAccess absence(const Settings& settings, const std::string& path) {
    if (settings.tcti.empty() && is_tpm_1_2()) {
        return {TpmAccess::State::absent, "this computer has a TPM 1.2, and cards need a TPM 2.0",
                "see whether the firmware setup can switch it to version 2.0, or run a software "
                "TPM (systemctl enable --now tpmvsc-swtpm)"};
    }
    return {TpmAccess::State::absent, "there is no TPM: " + path + " does not exist",
            settings.tcti.empty()
                ? "switch the TPM on in the firmware setup (it may be called fTPM, PTT or security "
                  "device), or run a software TPM (systemctl enable --now tpmvsc-swtpm)"
                : "see that the setting tcti in tpmvsc.conf is right"};
}

/// The group that may use the TPM, in words; empty where there is none.
std::string group_text(const std::string& path) {
    struct stat state {};
    constexpr mode_t read_and_write = S_IRGRP | S_IWGRP;
    if (::stat(path.c_str(), &state) != 0 || (state.st_mode & read_and_write) != read_and_write ||
        state.st_gid == 0) {
        return "";
    }
    const group* const found = ::getgrgid(state.st_gid);
    return found == nullptr ? "" : ", or as a member of the group " + std::string(found->gr_name);
}

TpmAccess refusal(const std::string& path) {
    return {TpmAccess::State::refused, "this user may not use the TPM " + path,
            ::geteuid() == 0 ? "let what confines this process (a container, a service) have the "
                               "device"
                             : "run the command as root (sudo)" + group_text(path)};
}

} // namespace

std::string tpm_path(const std::string& tcti) {
    if (is_device(tcti)) {
        return tcti.substr(std::strlen("device:"));
    }
    const auto path = tcti.find("path=");
    if (path == std::string::npos) {
        return "";
    }
    const std::string rest = tcti.substr(path + std::strlen("path="));
    return rest.substr(0, rest.find(','));
}

TpmAccess look_for_tpm(const Settings& settings, tpm::Tpm& tpm) {
    using State = TpmAccess::State;
    const std::string path = tpm_path(tpm.tcti());
    if (!path.empty() && ::access(path.c_str(), F_OK) != 0) {
        return errno == EACCES ? refusal(path) : absence(settings, path);
    }
    if (!path.empty() && ::access(path.c_str(), R_OK | W_OK) != 0) {
        return refusal(path);
    }
    std::string why;
    if (!tpm.reachable(&why)) {
        return {State::silent, why.empty() ? "the TPM at " + tpm.tcti() + " does not answer" : why,
                "see whether another program holds it, and the kernel's log (dmesg | grep -i tpm)"};
    }
    return {};
}

void require_tpm(const Settings& settings, tpm::Tpm& tpm) {
    const TpmAccess access = look_for_tpm(settings, tpm);
    if (access.state != TpmAccess::State::open) {
        const bool refused = access.state == TpmAccess::State::refused;
        throw Failure(refused ? ExitCode::not_authorised : ExitCode::no_device,
                      access.sentence + ": " + access.advice);
    }
}

void require_writable_state(const Settings& settings) {
    fs::path folder = settings.cards_dir();
    std::error_code error;
    while (!fs::exists(folder, error) && !error && folder.has_relative_path()) {
        folder = folder.parent_path(); // the nearest that exists is where it would be made
    }
    const bool is_folder = fs::is_directory(folder, error) || error;
    if (is_folder && ::access(folder.c_str(), W_OK | X_OK) == 0) {
        return;
    }
    const std::string reason = is_folder ? std::strerror(errno) : "it is not a folder";
    if (::geteuid() != 0) {
        throw Failure(ExitCode::not_authorised, "only root creates and destroys cards (" +
                                                    settings.cards_dir() +
                                                    "): run the command with sudo");
    }
    throw Failure(ExitCode::failed,
                  "cannot write to " + folder.string() + ", where the cards are kept: " + reason);
}

} // namespace tpmvsc::cli
