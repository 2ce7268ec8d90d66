// SPDX-License-Identifier: Apache-2.0
#include "base/tpm_device.hpp"

#include "tests/catch.hpp"
#include "tests/unit/base_scratch.hpp"

using namespace tpmvsc;
namespace fs = std::filesystem;

namespace {

/// A computer's /dev and /sys.
class Machine {
  public:
    Machine() {
        for (const char* folder : {"dev", "sys/class/tpmrm", "sys/devices/virtual"})
            fs::create_directories(root_.path(folder));
    }
    void add_device(const std::string& name) const { root_.put("dev/" + name, ""); }
    /// With what the kernel tells of it: `parent` is below /sys/devices.
    void add_device(const std::string& name, const std::string& parent) const {
        add_device(name);
        const std::string where = "devices/" + parent + "/tpmrm/" + name;
        fs::create_directories(root_.path("sys/" + where));
        fs::create_directory_symlink("../../" + where, root_.path("sys/class/tpmrm/" + name));
    }
    /// Which one is found, without the folders in front.
    std::string found() const {
        const auto path = find_tpm_device(root_.root());
        if (!path)
            return "none";
        REQUIRE(path->rfind(root_.path("dev/"), 0) == 0);
        return path->substr(root_.path("dev/").size());
    }

  private:
    test::Scratch root_;
};

constexpr const char* chip = "LNXSYSTM:00/LNXSYBUS:00/MSFT0101:00";
constexpr const char* container = "virtual";

} // namespace

TEST_CASE("a computer without a TPM has none") {
    CHECK(Machine().found() == "none");
}

TEST_CASE("the first TPM is found, whatever its number") {
    const Machine machine;
    machine.add_device("tpmrm3", chip);
    CHECK(machine.found() == "tpmrm3");
    machine.add_device("tpmrm1", "platform/tpm_tis.1");
    CHECK(machine.found() == "tpmrm1");
}

TEST_CASE("the TPM of a container is not the computer's") {
    const Machine machine;
    machine.add_device("tpmrm0", container);
    CHECK(machine.found() == "none");
    machine.add_device("tpmrm1", chip);
    CHECK(machine.found() == "tpmrm1");
}

TEST_CASE("only what lies below it is virtual") {
    const Machine machine;
    machine.add_device("tpmrm0", "virtual-bus/tpm");
    CHECK(machine.found() == "tpmrm0");
}

TEST_CASE("a TPM of which /sys does not tell is taken") {
    const Machine machine;
    machine.add_device("tpmrm0");
    CHECK(machine.found() == "tpmrm0");
}
