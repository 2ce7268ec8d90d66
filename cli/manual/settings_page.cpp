// SPDX-License-Identifier: Apache-2.0
#include "cli/manual/settings_page.hpp"

#include "cli/manual/roff.hpp"

#include <regex>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace tpmvsc::cli::manual {
namespace {

struct Setting {
    std::string name;
    std::string default_value;
    std::string text;
};

struct SettingsFile {
    std::string introduction;
    std::vector<Setting> settings;
};

/// Comments have a blank behind the "#", settings have none.
SettingsFile parse(const std::string& file) {
    SettingsFile parsed;
    std::istringstream lines(file);
    std::string line;
    std::string text;
    const std::regex setting("#([a-z0-9_]+) =(?: (.*))?");
    std::smatch found;
    while (std::getline(lines, line)) {
        if (std::regex_match(line, found, setting)) {
            parsed.settings.push_back({found[1], found[2], text});
            text.clear();
        } else if (line.starts_with("# ") && line.find("SPDX") == std::string::npos) {
            text += line.substr(2) + " ";
        } else if (line.empty() && parsed.settings.empty()) {
            parsed.introduction += text;
            text.clear();
        } else if (!line.empty() && !line.starts_with("# ")) {
            throw std::runtime_error("the settings' file has a line of another kind: " + line);
        }
    }
    return parsed;
}

void write_setting(Roff& page, const Setting& setting) {
    page.raw(".It Ic " + argument(setting.name) + " No = Ar value");
    page.prose(setting.text);
    page.prose(setting.default_value.empty() ? "There is no default."
                                             : "The default is " + setting.default_value + ".");
}

} // namespace

std::string settings_page(const std::string& file, const std::string& path,
                          const Edition& edition) {
    const SettingsFile parsed = parse(file);
    Roff page("TPMVSC.CONF", "5", edition);
    page.macro("Sh", "NAME");
    page.raw(".Nm tpmvsc.conf");
    page.macro("Nd", "settings of tpmvsc's smart cards");
    page.macro("Sh", "DESCRIPTION");
    page.prose(parsed.introduction);
    page.raw(".Bl -tag -width Ds");
    for (const Setting& setting : parsed.settings) {
        write_setting(page, setting);
    }
    page.raw(".El");
    page.macro("Sh", "FILES");
    page.raw(".Bl -tag -width Ds");
    page.raw(".It Pa " + argument(path));
    page.prose("The settings, with these explanations.");
    page.raw(".El");
    page.macro("Sh", "SEE ALSO");
    page.raw(".Xr tpmvsc 1 ,");
    page.raw(".Xr tpmvsc-doctor 1 ,");
    page.raw(".Xr pcscd 8");
    return page.text();
}

} // namespace tpmvsc::cli::manual
