// SPDX-License-Identifier: Apache-2.0
#include "base/settings.hpp"

#include "base/key_value.hpp"
#include "base/tpm_device.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <optional>
#include <stdexcept>
#include <unistd.h>

namespace tpmvsc {

namespace {

constexpr const char* default_path = "/etc/tpmvsc/tpmvsc.conf";

constexpr unsigned most_spare_slots = 16;
constexpr std::chrono::milliseconds longest_tpm_idle = std::chrono::hours(1);
constexpr std::chrono::seconds longest_pin_session = std::chrono::hours(24 * 365);

/// Why a value cannot be taken; load_settings_from adds file and line.
class BadValue : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct Unit {
    std::string_view name;
    std::uint64_t milliseconds;
};

constexpr std::array<Unit, 4> units{
    {{"ms", 1}, {"s", 1000}, {"min", 60 * 1000}, {"h", 60 * 60 * 1000}}};

/// Reads "90", "90 s", "90s"; a bare number counts in `bare` milliseconds. Nothing when malformed.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text, std::uint64_t bare) {
    std::uint64_t count = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc())
        return std::nullopt;
    std::string_view suffix = text.substr(static_cast<std::size_t>(stop - text.data()));
    if (!suffix.empty() && suffix.front() == ' ')
        suffix.remove_prefix(1);
    std::uint64_t scale = suffix.empty() ? bare : 0;
    for (const Unit& unit : units)
        if (suffix == unit.name)
            scale = unit.milliseconds;
    if (scale == 0 || count > std::numeric_limits<std::int64_t>::max() / scale)
        return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(count * scale));
}

void set_tpm_idle(Settings& settings, const std::string& value) {
    const auto duration = parse_duration(value, 1);
    if (!duration || *duration > longest_tpm_idle)
        throw BadValue("tpm_idle must be milliseconds or a number with ms, s or min, at most 1 h");
    settings.tpm_idle = *duration;
}

void set_pin_session(Settings& settings, const std::string& value) {
    using namespace std::chrono_literals;
    const auto duration = parse_duration(value, 1000);
    if (!duration || *duration < 1s || *duration % 1s != 0ms || *duration > longest_pin_session)
        throw BadValue("pin_session must be whole seconds or a number with s, min or h, "
                       "from 1 s to 8760 h");
    settings.pin_session = std::chrono::duration_cast<std::chrono::seconds>(*duration);
}

void set_spare_slots(Settings& settings, const std::string& value) {
    unsigned count = 0;
    const char* end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, count);
    if (error != std::errc() || stop != end || count > most_spare_slots)
        throw BadValue("spare_slots must be a number from 0 to " +
                       std::to_string(most_spare_slots));
    settings.spare_slots = count;
}

void set_rsa1024(Settings& settings, const std::string& value) {
    if (value != "retired" && value != "everywhere")
        throw BadValue("rsa1024 must be \"retired\" or \"everywhere\"");
    settings.rsa1024_everywhere = value == "everywhere";
}

void set_state_dir(Settings& settings, std::string value) {
    while (value.size() > 1 && value.back() == '/')
        value.pop_back();
    if (value.empty() || value.front() != '/')
        throw BadValue("state_dir must be a path that begins with \"/\"");
    settings.state_dir = std::move(value);
}

void apply(Settings& settings, const std::string& key, const std::string& value) {
    if (key == "state_dir")
        return set_state_dir(settings, value);
    if (key == "spare_slots")
        return set_spare_slots(settings, value);
    if (key == "tpm_idle")
        return set_tpm_idle(settings, value);
    if (key == "pin_session")
        return set_pin_session(settings, value);
    if (key == "rsa1024")
        return set_rsa1024(settings, value);
    if (key != "tcti")
        throw BadValue("there is no setting \"" + key + "\"");
    settings.tcti = value;
}

[[noreturn]] void throw_unreadable(const std::string& path) {
    throw std::runtime_error(path + " cannot be read: " + std::strerror(errno));
}

/// The text of the file; nothing when there is none.
std::optional<std::string> read_text(const std::string& path) {
    constexpr std::size_t most = 64 * 1024; // no settings file is longer; a device might be
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return std::nullopt;
    if (fd < 0)
        throw_unreadable(path);
    std::string text(most + 1, '\0');
    std::size_t size = 0;
    ssize_t got = 0;
    do {
        got = ::read(fd, text.data() + size, text.size() - size);
        if (got > 0)
            size += static_cast<std::size_t>(got);
    } while ((got > 0 && size < text.size()) || (got < 0 && errno == EINTR));
    const int reason = errno;
    ::close(fd);
    errno = reason;
    if (got < 0)
        throw_unreadable(path);
    if (size > most)
        throw std::runtime_error(path + " is too long for a settings file");
    text.resize(size);
    return text;
}

/// The bare name of the TCTI that `tcti` would load: "swtpm" for "swtpm:path=..." and for
/// "libtss2-tcti-swtpm.so.0:path=...". One that only records the traffic of another is looked
/// through.
std::string_view tcti_name(std::string_view tcti) {
    constexpr std::string_view recorder = "pcap:";
    while (tcti.substr(0, recorder.size()) == recorder)
        tcti.remove_prefix(recorder.size());
    std::string_view name = tcti.substr(0, tcti.find(':'));
    constexpr std::string_view library = "libtss2-tcti-";
    const std::size_t at = name.rfind(library);
    if (at != std::string_view::npos)
        name = name.substr(at + library.size());
    return name.substr(0, name.find('.'));
}

} // namespace

std::string Settings::effective_tcti() const {
    if (!tcti.empty())
        return tcti;
    const auto device = find_tpm_device();
    return device ? "device:" + *device : embedded_tcti;
}

bool Settings::tpm_is_software() const {
    const std::string in_force = effective_tcti();
    const std::string_view name = tcti_name(in_force);
    return name == "swtpm" || name == "mssim" || name == "libtpms";
}

Settings load_settings() {
    // Not from the environment of whoever runs a privileged program.
    const char* path = ::secure_getenv("TPMVSC_CONFIG");
    return load_settings_from(path != nullptr && *path != '\0' ? path : default_path);
}

Settings load_settings_from(const std::string& path) {
    Settings settings;
    const std::optional<std::string> text = read_text(path);
    if (!text)
        return settings;
    std::string why;
    if (!KeyValue::parse(*text, &why))
        throw std::runtime_error(path + " " + why);
    std::string_view rest = *text;
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const std::size_t end = rest.find('\n');
        const auto line = KeyValue::parse(rest.substr(0, end));
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        try {
            for (const auto& [key, value] : line->all())
                apply(settings, key, value);
        } catch (const BadValue& bad) {
            throw std::runtime_error(path + " line " + std::to_string(number) + ": " + bad.what());
        }
    }
    return settings;
}

} // namespace tpmvsc
