// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "card/store.hpp"

#include "ifdhandler/pcscd.hpp"

#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <vector>

namespace tpmvsc::test {

/// Module is the driver as pcscd has it: loaded by name, its functions looked up.
class Module {
  public:
    Module();
    ~Module();
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;

    decltype(&IFDHCreateChannel) create_channel;
    decltype(&IFDHCreateChannelByName) create_channel_by_name;
    decltype(&IFDHCloseChannel) close_channel;
    decltype(&IFDHGetCapabilities) get_capabilities;
    decltype(&IFDHSetCapabilities) set_capabilities;
    decltype(&IFDHSetProtocolParameters) set_protocol_parameters;
    decltype(&IFDHPowerICC) power;
    decltype(&IFDHTransmitToICC) transmit;
    decltype(&IFDHControl) control;
    decltype(&IFDHICCPresence) presence;

    /// The value of `tag`, asked for with a buffer of `room` bytes; nothing when it is refused, and
    /// why in `code`.
    std::optional<Bytes> capability(DWORD lun, DWORD tag, std::size_t room = 264,
                                    RESPONSECODE* code = nullptr) const;
    /// The polling functions, by pointer as pcscd has them.
    RESPONSECODE wait(DWORD lun, int timeout) const;
    RESPONSECODE stop(DWORD lun) const;
    /// Opens slot `lun` by the name that the shipped entry has.
    RESPONSECODE open(DWORD lun) const;
    /// Powers up or resets; the ATR.
    RESPONSECODE power_up(DWORD lun, Bytes& atr, DWORD action = IFD_POWER_UP) const;
    /// Sends one APDU with a buffer of `room` bytes.
    RESPONSECODE send(DWORD lun, const Bytes& command, Bytes& response,
                      std::size_t room = MAX_BUFFER_SIZE_EXTENDED) const;

  private:
    void* handle_;
};

/// State is a state folder of the test's own, and a settings file that names it and `tcti`.
class State {
  public:
    explicit State(const std::string& tcti, const std::string& more_settings = {});
    ~State();
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    const std::string& folder() const { return folder_; }
    card::Store store() const { return card::Store(folder_ + "/state/cards"); }
    /// Puts a card in `slot` that has an identity and nothing else, as the tool would; its folder.
    std::string add_card(unsigned slot, const std::string& name = "Test");
    /// Takes it away, as the tool would.
    void remove_card(const std::string& card_folder);
    /// Replaces the settings file.
    void write_settings(const std::string& text) const;

  private:
    std::string folder_;
};

/// What the driver has logged through pcscd's function since the last call, a line each, the level
/// in front ("2 tpmvsc: ...").
std::vector<std::string> take_log();
/// How many of `lines` contain `text`.
std::size_t count_lines(const std::vector<std::string>& lines, const std::string& text);

/// Runs the wait of `lun` in a thread of its own, as pcscd does.
class Waiting {
  public:
    Waiting(const Module& module, DWORD lun, int timeout);
    /// True when the wait has ended within `limit`.
    bool ended(std::chrono::milliseconds limit = std::chrono::milliseconds(15'000)) const;
    RESPONSECODE result() { return future_.get(); }

  private:
    std::future<RESPONSECODE> future_;
};

} // namespace tpmvsc::test
