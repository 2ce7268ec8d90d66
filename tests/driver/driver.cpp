// SPDX-License-Identifier: Apache-2.0
#include "tests/driver/driver.hpp"

#include "card/identity_file.hpp"

#include <cstdarg>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <stdexcept>

namespace tpmvsc::test {

namespace {

struct Log {
    std::mutex mutex;
    std::vector<std::string> lines;
};

Log& the_log() {
    static Log& log = *new Log;
    return log;
}

template<typename Function>
void look_up(void* handle, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(handle, name));
    if (function == nullptr) {
        throw std::runtime_error(std::string("the driver lacks ") + name);
    }
}

template<typename Function>
Function pointer_from(const std::optional<Bytes>& value) {
    Function function = nullptr;
    if (!value || value->size() != sizeof function) {
        throw std::runtime_error("the driver gives no polling function");
    }
    std::copy(value->begin(), value->end(), reinterpret_cast<std::uint8_t*>(&function));
    return function;
}

} // namespace

// What pcscd exports; the driver finds this one instead.
extern "C" __attribute__((visibility("default"))) void log_msg(const int priority,
                                                               const char* format, ...) {
    std::array<char, 2048> line{};
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(line.data(), line.size(), format, arguments);
    va_end(arguments);
    std::lock_guard lock(the_log().mutex);
    the_log().lines.push_back(std::to_string(priority) + " " + line.data());
}

std::vector<std::string> take_log() {
    std::lock_guard lock(the_log().mutex);
    return std::exchange(the_log().lines, {});
}

std::size_t count_lines(const std::vector<std::string>& lines, const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
            return line.find(text) != std::string::npos;
        }));
}

Module::Module() : handle_(dlopen(TPMVSC_DRIVER_PATH, RTLD_LAZY)) {
    if (handle_ == nullptr) {
        throw std::runtime_error(dlerror());
    }
    look_up(handle_, "IFDHCreateChannel", create_channel);
    look_up(handle_, "IFDHCreateChannelByName", create_channel_by_name);
    look_up(handle_, "IFDHCloseChannel", close_channel);
    look_up(handle_, "IFDHGetCapabilities", get_capabilities);
    look_up(handle_, "IFDHSetCapabilities", set_capabilities);
    look_up(handle_, "IFDHSetProtocolParameters", set_protocol_parameters);
    look_up(handle_, "IFDHPowerICC", power);
    look_up(handle_, "IFDHTransmitToICC", transmit);
    look_up(handle_, "IFDHControl", control);
    look_up(handle_, "IFDHICCPresence", presence);
}

Module::~Module() {
    // What a failed test has left open must not outlive its folder.
    for (DWORD lun : {0x00000UL, 0x00001UL, 0x00002UL, 0x10000UL}) {
        close_channel(lun);
    }
    dlclose(handle_);
}

std::optional<Bytes> Module::capability(DWORD lun, DWORD tag, std::size_t room,
                                        RESPONSECODE* code) const {
    Bytes value(room); // exactly as long as said, so that a sanitizer sees the byte too many
    DWORD length = room;
    const RESPONSECODE result = get_capabilities(lun, tag, &length, value.data());
    if (code != nullptr) {
        *code = result;
    }
    if (result != IFD_SUCCESS) {
        return std::nullopt;
    }
    value.resize(length);
    return value;
}

RESPONSECODE Module::wait(DWORD lun, int timeout) const {
    using Function = RESPONSECODE (*)(DWORD, int);
    return pointer_from<Function>(
        capability(lun, TAG_IFD_POLLING_THREAD_WITH_TIMEOUT, sizeof(Function)))(lun, timeout);
}

RESPONSECODE Module::stop(DWORD lun) const {
    using Function = RESPONSECODE (*)(DWORD);
    return pointer_from<Function>(capability(lun, TAG_IFD_STOP_POLLING_THREAD, sizeof(Function)))(
        lun);
}

RESPONSECODE Module::open(DWORD lun) const {
    std::string name = "tpmvsc:default";
    return create_channel_by_name(lun, name.data());
}

RESPONSECODE Module::power_up(DWORD lun, Bytes& atr, DWORD action) const {
    atr.assign(MAX_ATR_SIZE, 0);
    DWORD length = atr.size();
    const RESPONSECODE code = power(lun, action, atr.data(), &length);
    atr.resize(length);
    return code;
}

RESPONSECODE Module::send(DWORD lun, const Bytes& command, Bytes& response,
                          std::size_t room) const {
    Bytes copy = command;
    response.assign(room, 0);
    DWORD length = room;
    SCARD_IO_HEADER receive{0, 0};
    const RESPONSECODE code = transmit(lun, SCARD_IO_HEADER{SCARD_PROTOCOL_T1, 0}, copy.data(),
                                       copy.size(), response.data(), &length, &receive);
    response.resize(length);
    if (code == IFD_SUCCESS && receive.Protocol != SCARD_PROTOCOL_T1) {
        throw std::runtime_error("the protocol of the answer is not set");
    }
    return code;
}

State::State(const std::string& tcti, const std::string& more_settings) {
    const char* parent = std::getenv("TMPDIR");
    folder_ = std::string(parent != nullptr ? parent : "/tmp") + "/tpmvsc-test.XXXXXX";
    if (mkdtemp(folder_.data()) == nullptr) {
        throw std::runtime_error("mkdtemp " + folder_);
    }
    write_settings("state_dir = " + folder_ + "/state\ntcti = " + tcti + "\n" + more_settings);
    setenv("TPMVSC_CONFIG", (folder_ + "/tpmvsc.conf").c_str(), 1);
    take_log();
}

State::~State() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void State::write_settings(const std::string& text) const {
    std::ofstream(folder_ + "/tpmvsc.conf") << text;
}

std::string State::add_card(unsigned slot, const std::string& name) {
    static std::uint8_t number = 0;
    card::IdentityFile file;
    file.identity.id = Bytes(16, ++number);
    file.identity.name = name;
    file.identity.slot = slot;
    file.identity.serial = 1000U + number;
    file.identity.created = "2025-01-31T23:59:59Z";
    file.anchor.parent_handle = 0x81000001;
    // The driver never looks at what is in here before a card is used.
    file.anchor.parent_public = file.anchor.parent_name = Bytes(34, 1);
    file.anchor.card_key_public = file.anchor.card_key_private = Bytes(34, 2);
    file.anchor.algorithms = "rsa2048 p256";
    card::Folder(store().path()).create();
    const auto folder = store().begin_create(file.identity);
    file.write(folder);
    return store().commit_create(folder, file.identity);
}

void State::remove_card(const std::string& card_folder) {
    store().erase(store().begin_destroy(card_folder));
}

Waiting::Waiting(const Module& module, DWORD lun, int timeout)
    : future_(std::async(std::launch::async,
                         [&module, lun, timeout] { return module.wait(lun, timeout); })) {}

bool Waiting::ended(std::chrono::milliseconds limit) const {
    return future_.wait_for(limit) == std::future_status::ready;
}

} // namespace tpmvsc::test
