// SPDX-License-Identifier: Apache-2.0
//
// The functions that pcscd calls. They check what comes in, hand it on, and let no exception out.
// What pcscd does with their answers is told beside those that are not obvious.

#include "base/log.hpp"
#include "ifdhandler/capabilities.hpp"
#include "ifdhandler/pcscd.hpp"
#include "ifdhandler/pcscd_log.hpp"

#include <algorithm>

using tpmvsc::Bytes;
using tpmvsc::ByteView;
using tpmvsc::log;
using tpmvsc::LogLevel;
namespace ifd = tpmvsc::ifd;

namespace {

// pcscd's DWORD has 64 bits, its values have 32.
ifd::Lun to_lun(DWORD lun) {
    return {static_cast<std::uint32_t>(lun)};
}

std::string describe(DWORD lun) {
    return "reader " + std::to_string(to_lun(lun).reader()) + " slot " +
           std::to_string(to_lun(lun).slot());
}

// Runs `work` and turns what it throws into a log line and an answer. Nothing may leave the driver
// but a return value, as pcscd is a C program with all readers of the machine in it.
template<typename Work>
RESPONSECODE guard(const char* function, DWORD lun, const Work& work) noexcept {
    try {
        try {
            return work();
        } catch (const std::exception& error) {
            log(LogLevel::error, describe(lun) + ": " + function + ": " + error.what());
        }
    } catch (...) { // out of memory for the line itself, or not a std::exception
    }
    return IFD_COMMUNICATION_ERROR;
}

// The same for a slot that must be open.
template<typename Work>
RESPONSECODE guard_slot(const char* function, DWORD lun, const Work& work) noexcept {
    return guard(function, lun, [&]() -> RESPONSECODE {
        const auto channel = ifd::Registry::instance().find(to_lun(lun));
        return channel ? work(channel) : IFD_COMMUNICATION_ERROR;
    });
}

RESPONSECODE answer(ifd::Slot::Outcome outcome) {
    switch (outcome) {
    case ifd::Slot::Outcome::done:
        return IFD_SUCCESS;
    case ifd::Slot::Outcome::no_card:
        return IFD_ICC_NOT_PRESENT;
    case ifd::Slot::Outcome::mute:
        return IFD_ERROR_POWER_ACTION;
    case ifd::Slot::Outcome::no_power:
        break;
    }
    return IFD_COMMUNICATION_ERROR;
}

// IFD_NO_SUCH_DEVICE makes pcscd drop the entry with a line of its own at level info, anything else
// at level critical. Our line says what to do.
RESPONSECODE open_channel(DWORD lun) {
    ifd::log_to_pcscd();
    try {
        if (ifd::Registry::instance().open(to_lun(lun))) {
            return IFD_SUCCESS;
        }
        log(LogLevel::critical, describe(lun) + ": there is no such slot, or it is open already");
    } catch (const std::exception& error) {
        log(LogLevel::critical, std::string("no reader: ") + error.what());
    }
    return IFD_NO_SUCH_DEVICE;
}

// pcscd hands the value of DEVICENAME on with its quotes.
std::string unquoted(std::string name) {
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') {
        name = name.substr(1, name.size() - 2);
    }
    return name;
}

RESPONSECODE wait_for_event(DWORD lun, int timeout) {
    // Any answer but success makes pcscd sleep for 400 ms.
    guard_slot("wait", lun, [&](const ifd::Channel& channel) -> RESPONSECODE {
        channel.reader->wait(*channel.slot, std::chrono::milliseconds(std::max(timeout, 0)));
        return IFD_SUCCESS;
    });
    return IFD_SUCCESS;
}

// pcscd calls this at the end, and on the last disconnect of each client to get the wait started
// anew.
RESPONSECODE end_wait(DWORD lun) {
    return guard_slot("stop", lun, [](const ifd::Channel& channel) -> RESPONSECODE {
        channel.slot->wake();
        return IFD_SUCCESS;
    });
}

RESPONSECODE put(const Bytes& value, PUCHAR target, DWORD& length) {
    if (target == nullptr || length < value.size()) {
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    }
    std::copy(value.begin(), value.end(), target);
    length = value.size();
    return IFD_SUCCESS;
}

} // namespace

RESPONSECODE IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName) {
    return guard("open", Lun, [&]() -> RESPONSECODE {
        ifd::log_to_pcscd();
        const std::string name = unquoted(DeviceName == nullptr ? "" : DeviceName);
        if (name != "tpmvsc:default") {
            log(LogLevel::critical,
                "no cards: DEVICENAME is \"" + name + "\" and should be tpmvsc:default");
            // Beside a good reader it stays empty instead, see Registry::open().
            if (ifd::Registry::instance().empty()) {
                return IFD_NO_SUCH_DEVICE;
            }
        }
        return open_channel(Lun);
    });
}

RESPONSECODE IFDHCreateChannel(DWORD Lun, DWORD /*Channel*/) {
    return guard("open", Lun, [&] { return open_channel(Lun); });
}

RESPONSECODE IFDHCloseChannel(DWORD Lun) {
    return guard("close", Lun, [&]() -> RESPONSECODE {
        return ifd::Registry::instance().close(to_lun(Lun)) ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
    });
}

RESPONSECODE IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value) {
    return guard_slot("capability", Lun, [&](const ifd::Channel& channel) -> RESPONSECODE {
        if (Length == nullptr) {
            return IFD_ERROR_INSUFFICIENT_BUFFER;
        }
        const auto tag = static_cast<std::uint32_t>(Tag);
        if (tag != Tag || (ifd::is_pointer_tag(tag) && *Length != sizeof(void*))) {
            return IFD_ERROR_TAG;
        }
        const auto value = ifd::capability(tag, to_lun(Lun), channel, {wait_for_event, end_wait});
        return value ? put(*value, Value, *Length) : IFD_ERROR_TAG;
    });
}

// Any client can call this, and pcscd holds no lock meanwhile.
RESPONSECODE IFDHSetCapabilities(DWORD /*Lun*/, DWORD /*Tag*/, DWORD /*Length*/, PUCHAR /*Value*/) {
    return IFD_ERROR_TAG;
}

RESPONSECODE IFDHSetProtocolParameters(DWORD Lun, DWORD Protocol, UCHAR /*Flags*/, UCHAR /*PTS1*/,
                                       UCHAR /*PTS2*/, UCHAR /*PTS3*/) {
    return guard_slot("protocol", Lun, [&](const ifd::Channel& channel) -> RESPONSECODE {
        if (!channel.slot->present()) {
            return IFD_ICC_NOT_PRESENT;
        }
        // The ATR of either profile offers T=1 alone.
        return Protocol == SCARD_PROTOCOL_T1 ? IFD_SUCCESS : IFD_PROTOCOL_NOT_SUPPORTED;
    });
}

RESPONSECODE IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength) {
    const DWORD room = AtrLength == nullptr ? 0 : std::min<DWORD>(*AtrLength, MAX_ATR_SIZE);
    if (AtrLength != nullptr) {
        *AtrLength = 0;
    }
    return guard_slot("power", Lun, [&](const ifd::Channel& channel) -> RESPONSECODE {
        if (Action == IFD_POWER_DOWN) {
            channel.slot->power_down();
            return IFD_SUCCESS;
        }
        if (Action != IFD_POWER_UP && Action != IFD_RESET) {
            return IFD_NOT_SUPPORTED;
        }
        Bytes atr;
        const auto outcome = channel.reader->power_up(*channel.slot, atr);
        if (outcome != ifd::Slot::Outcome::done) {
            return answer(outcome);
        }
        DWORD length = room;
        const auto code = put(atr, Atr, length);
        if (code == IFD_SUCCESS && AtrLength != nullptr) {
            *AtrLength = length;
        }
        return code;
    });
}

RESPONSECODE IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer, DWORD TxLength,
                               PUCHAR RxBuffer, PDWORD RxLength, PSCARD_IO_HEADER RecvPci) {
    const DWORD room = RxLength == nullptr ? 0 : *RxLength;
    if (RxLength != nullptr) {
        *RxLength = 0;
    }
    return guard_slot("transmit", Lun, [&](const ifd::Channel& channel) -> RESPONSECODE {
        if ((TxBuffer == nullptr && TxLength != 0) || TxLength > MAX_BUFFER_SIZE_EXTENDED) {
            return IFD_COMMUNICATION_ERROR;
        }
        // Not even a status word fits: better to know that before the command has run.
        if (RxBuffer == nullptr || room < 2) {
            return IFD_ERROR_INSUFFICIENT_BUFFER;
        }
        Bytes response;
        const auto outcome =
            channel.reader->transmit(*channel.slot, ByteView(TxBuffer, TxLength), response);
        if (outcome != ifd::Slot::Outcome::done) {
            return answer(outcome);
        }
        DWORD length = room;
        const auto code = put(response, RxBuffer, length);
        if (code == IFD_SUCCESS) {
            *RxLength = length;
            if (RecvPci != nullptr) {
                RecvPci->Protocol = SendPci.Protocol;
            }
        }
        return code;
    });
}

RESPONSECODE IFDHControl(DWORD Lun, DWORD ControlCode, PUCHAR /*TxBuffer*/, DWORD /*TxLength*/,
                         PUCHAR RxBuffer, DWORD RxLength, LPDWORD BytesReturned) {
    if (BytesReturned != nullptr) {
        *BytesReturned = 0;
    }
    return guard_slot("control", Lun, [&](const ifd::Channel&) -> RESPONSECODE {
        const auto code = static_cast<std::uint32_t>(ControlCode);
        const auto value = code == ControlCode ? ifd::control(code) : std::nullopt;
        if (!value || BytesReturned == nullptr) {
            return IFD_ERROR_NOT_SUPPORTED;
        }
        DWORD length = RxLength;
        const auto result = put(*value, RxBuffer, length);
        *BytesReturned = result == IFD_SUCCESS ? length : 0;
        return result;
    });
}

// Never IFD_NO_SUCH_DEVICE: pcscd would not remove the reader but ask itself to, for ever.
RESPONSECODE IFDHICCPresence(DWORD Lun) {
    return guard_slot("presence", Lun, [](const ifd::Channel& channel) -> RESPONSECODE {
        return channel.slot->present() ? IFD_ICC_PRESENT : IFD_ICC_NOT_PRESENT;
    });
}
