// SPDX-License-Identifier: Apache-2.0
#include "base/settings.hpp"
#include "base/tpm_device.hpp"

#include "tests/catch.hpp"
#include "tests/unit/base_child.hpp"
#include "tests/unit/base_scratch.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <sys/stat.h>

using namespace tpmvsc;
using namespace std::chrono_literals;
using tpmvsc::test::Scratch;

namespace {

class SettingsFile {
  public:
    explicit SettingsFile(std::string_view text) { scratch_.put("tpmvsc.conf", text); }
    std::string path() const { return scratch_.path("tpmvsc.conf"); }
    Settings load() const { return load_settings_from(path()); }
    /// What is complained of, without the path in front.
    std::string complaint() const {
        try {
            load();
        } catch (const std::runtime_error& error) {
            const std::string text = error.what();
            REQUIRE(text.compare(0, path().size() + 1, path() + " ") == 0);
            return text.substr(path().size() + 1);
        }
        return "";
    }

  private:
    Scratch scratch_;
};

Settings load(std::string_view text) {
    return SettingsFile(text).load();
}
std::string complaint(std::string_view text) {
    return SettingsFile(text).complaint();
}

bool begins_with(const std::string& text, const char* start) {
    return text.rfind(start, 0) == 0;
}

} // namespace

TEST_CASE("a missing file means the defaults") {
    const Scratch scratch;
    const Settings settings = load_settings_from(scratch.path("none"));
    CHECK(settings.state_dir == "/var/lib/tpmvsc");
    CHECK(settings.cards_dir() == "/var/lib/tpmvsc/cards");
    CHECK(settings.tcti.empty());
    CHECK(settings.spare_slots == 1);
    CHECK(settings.tpm_idle == 2s);
    CHECK(settings.pin_session == 8h);
    CHECK_FALSE(settings.rsa1024_everywhere);
    CHECK_NOTHROW(load_settings_from(scratch.path("none/at/all")));
}

TEST_CASE("every setting is taken") {
    const Settings settings = load("# a comment\nstate_dir = /srv/cards/\n"
                                   "tcti = swtpm:path=/run/x,y=z\nspare_slots = 0\n"
                                   "tpm_idle = 150\npin_session = 900\nrsa1024 = everywhere\n");
    CHECK(settings.state_dir == "/srv/cards");
    CHECK(settings.cards_dir() == "/srv/cards/cards");
    CHECK(settings.tcti == "swtpm:path=/run/x,y=z");
    CHECK(settings.spare_slots == 0);
    CHECK(settings.tpm_idle == 150ms);
    CHECK(settings.pin_session == 900s);
    CHECK(settings.rsa1024_everywhere);
    CHECK_FALSE(load("rsa1024 = retired\n").rsa1024_everywhere);
    CHECK(load("").spare_slots == 1);
    CHECK(load("tcti =\n").tcti.empty());
}

TEST_CASE("durations come with units") {
    CHECK(load("tpm_idle = 500ms").tpm_idle == 500ms);
    CHECK(load("tpm_idle = 2s").tpm_idle == 2s);
    CHECK(load("tpm_idle = 2 s").tpm_idle == 2s);
    CHECK(load("tpm_idle = 1min").tpm_idle == 60s);
    CHECK(load("tpm_idle = 1h").tpm_idle == 1h);
    CHECK(load("tpm_idle = 0").tpm_idle == 0ms);
    CHECK(load("pin_session = 1").pin_session == 1s);
    CHECK(load("pin_session = 3000ms").pin_session == 3s);
    CHECK(load("pin_session = 15min").pin_session == 15min);
    CHECK(load("pin_session = 8h").pin_session == 8h);
    CHECK(load("pin_session = 8760h").pin_session == 8760h);
}

TEST_CASE("a value out of range or malformed is an error with its line") {
    for (const char* value : {"", "s", "-1", "+1", "1.5s", "2 sec", "2  s", "2S", "1d", "3600001",
                              "2h", "99999999999999999999", "18446744073709551615h"})
        CHECK(
            begins_with(complaint(std::string("\ntpm_idle = ") + value), "line 2: tpm_idle must"));
    for (const char* value :
         {"", "0", "500ms", "1500ms", "8761h", "x", "9223372036854775807s", "18446744073709552"})
        CHECK(begins_with(complaint(std::string("pin_session = ") + value),
                          "line 1: pin_session must"));
    for (const char* value : {"", "17", "-1", "1 0", "one", "4294967296"})
        CHECK(begins_with(complaint(std::string("#\n#\nspare_slots = ") + value),
                          "line 3: spare_slots must"));
    CHECK(load("spare_slots = 16").spare_slots == 16);
    for (const char* value : {"", "Retired", "yes", "nowhere", "retired everywhere"})
        CHECK(begins_with(complaint(std::string("rsa1024 = ") + value), "line 1: rsa1024 must"));
    for (const char* value : {"", "cards", "./cards", "~/cards"})
        CHECK(
            begins_with(complaint(std::string("state_dir = ") + value), "line 1: state_dir must"));
}

TEST_CASE("an unknown setting is an error with its line") {
    CHECK(complaint("tcti = x\nspare_slot = 1\n") == "line 2: there is no setting \"spare_slot\"");
    CHECK(complaint("Tcti = x\n") == "line 1: there is no setting \"Tcti\"");
}

TEST_CASE("a malformed line is an error with its line") {
    CHECK(complaint("tcti = x\nnonsense\n") == "line 2: there is no '='");
    CHECK(complaint("tcti = x\ntcti = y\n") == "line 2: its key has been given before");
}

TEST_CASE("a file that cannot be read is an error, not the defaults") {
    const Scratch scratch;
    CHECK_THROWS_AS(load_settings_from(scratch.path("")), std::runtime_error); // a directory
    scratch.put("long", std::string(64 * 1024 + 1, '#'));
    CHECK_THROWS_AS(load_settings_from(scratch.path("long")), std::runtime_error);
    scratch.put("fits", std::string(64 * 1024, '#'));
    CHECK_NOTHROW(load_settings_from(scratch.path("fits")));
}

TEST_CASE("a file that may not be read is an error that says so") {
    const Scratch scratch;
    scratch.put("secret", "");
    REQUIRE(::chmod(scratch.path("secret").c_str(), 0) == 0);
    const std::string said = test::in_child_without_root([&] {
        try {
            load_settings_from(scratch.path("secret"));
        } catch (const std::runtime_error& error) {
            return std::string(error.what());
        }
        return std::string("nothing");
    });
    CHECK(said == scratch.path("secret") + " cannot be read: Permission denied");
}

TEST_CASE("the environment names the file") {
    const SettingsFile file("spare_slots = 5\n");
    const char* before = std::getenv("TPMVSC_CONFIG");
    const std::string kept = before != nullptr ? before : "";
    ::setenv("TPMVSC_CONFIG", file.path().c_str(), 1);
    CHECK(load_settings().spare_slots == 5);
    if (before != nullptr)
        ::setenv("TPMVSC_CONFIG", kept.c_str(), 1);
    else
        ::unsetenv("TPMVSC_CONFIG");
}

TEST_CASE("the TCTI is the one set, or what this machine has") {
    Settings settings;
    settings.tcti = "device:/dev/tpm0";
    CHECK(settings.effective_tcti() == "device:/dev/tpm0");
    settings.tcti.clear();
    const auto device = find_tpm_device();
    const std::string expected = device ? "device:" + *device : embedded_tcti;
    CHECK(settings.effective_tcti() == expected);
    CHECK(settings.tpm_is_software() == (expected == embedded_tcti));
}

TEST_CASE("a software TPM is known by its TCTI") {
    Settings settings;
    for (const char* tcti : {"swtpm", "swtpm:path=/x", "mssim:host=localhost", "libtpms",
                             "libtss2-tcti-swtpm.so.0:port=1", "pcap:swtpm:port=1",
                             "/usr/lib/libtss2-tcti-mssim.so.0"}) {
        settings.tcti = tcti;
        CHECK(settings.tpm_is_software());
    }
    for (const char* tcti : {"device:/dev/tpmrm0", "device", "tabrmd:bus_name=x", "swtpmx",
                             "device:/dev/swtpm:", "pcap:device:/dev/tpm0"}) {
        settings.tcti = tcti;
        CHECK_FALSE(settings.tpm_is_software());
    }
}
