// SPDX-License-Identifier: Apache-2.0
#include "base/tpm_device.hpp"

#include <filesystem>
#include <sys/stat.h>

namespace tpmvsc {
namespace {

namespace fs = std::filesystem;

/// True for the devices of tpm_vtpm_proxy, which container managers make on the host: of all TPMs
/// they alone have no hardware above them. udev/61-tpmvsc.rules passes over the same.
bool is_of_a_container(const std::string& root, const std::string& name) {
    std::error_code error;
    const fs::path device = fs::canonical(root + "/sys/class/tpmrm/" + name, error);
    if (error) {
        return false; // /sys does not tell, as in some containers
    }
    const fs::path folder = fs::canonical(root + "/sys/devices/virtual", error);
    return !error && device.string().starts_with(folder.string() + "/");
}

} // namespace

/// A TPM that went away and came back may have another number: the kernel keeps the former one as
/// long as anybody holds it, and IMA holds it for good.
std::optional<std::string> find_tpm_device(const std::string& root) {
    for (char number = '0'; number <= '9'; ++number) {
        const std::string name = std::string("tpmrm") + number;
        const std::string path = root + "/dev/" + name;
        struct stat status {};
        if (::stat(path.c_str(), &status) == 0 && !is_of_a_container(root, name)) {
            return path;
        }
    }
    return std::nullopt;
}

} // namespace tpmvsc
