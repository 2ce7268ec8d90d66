// SPDX-License-Identifier: Apache-2.0
#include "cli/pcsc.hpp"

#include "cli/owner_rule.hpp"
#include "cli/process.hpp"

#include <winscard.h>

#include <algorithm>
#include <cstring>
#include <unistd.h>

namespace tpmvsc::cli::pcsc {
namespace {

/// pcscd tells of new readers through a state of this name.
constexpr const char* new_reader_notice = "\\\\?PnP?\\Notification";

/// Where polkit says no, pcscd closes the connection. So does systemd where it cannot start pcscd,
/// and a pcscd that ends: libpcsclite calls all of that a security violation.
bool is_refusal(long code) {
    return code == SCARD_W_SECURITY_VIOLATION && ::geteuid() != 0 && find_pcscd() &&
           !polkit_unasked();
}

std::string advice(long code, bool refused) {
    switch (code) {
    case SCARD_E_NO_SERVICE:
    case SCARD_E_SERVICE_STOPPED:
        return "pcscd is not running: start it with systemctl start pcscd.socket";
    case SCARD_W_SECURITY_VIOLATION:
        return refused ? "pcscd does not let this user in: a polkit rule has to allow it"
                       : "pcscd does not start, or does not answer: look at systemctl status pcscd "
                         "and journalctl -u pcscd";
    case SCARD_E_SHARING_VIOLATION:
        return "another program holds the card for itself: close it or try again";
    case SCARD_E_NO_SMARTCARD:
    case SCARD_W_REMOVED_CARD:
        return "the card is not there (any more)";
    case SCARD_E_UNKNOWN_READER:
    case SCARD_E_READER_UNAVAILABLE:
        return "there is no such reader";
    default:
        return pcsc_stringify_error(static_cast<LONG>(code));
    }
}

void check(const char* what, LONG code) {
    if (code != SCARD_S_SUCCESS) {
        throw Error(what, code);
    }
}

std::vector<std::string> reader_names(SCARDCONTEXT context) {
    DWORD size = 0;
    LONG code = ::SCardListReaders(context, nullptr, nullptr, &size);
    if (code == SCARD_E_NO_READERS_AVAILABLE) {
        return {};
    }
    check("cannot list the readers", code);
    std::vector<char> names(size);
    code = ::SCardListReaders(context, nullptr, names.data(), &size);
    if (code == SCARD_E_NO_READERS_AVAILABLE || code == SCARD_E_INSUFFICIENT_BUFFER) {
        return {}; // they changed between the two calls: whoever waits asks again
    }
    check("cannot list the readers", code);
    std::vector<std::string> list;
    for (const char* name = names.data(); *name != '\0'; name += std::strlen(name) + 1) {
        list.emplace_back(name);
    }
    return list;
}

} // namespace

Error::Error(const std::string& what, long code) : Error(what, code, is_refusal(code)) {}

Error::Error(const std::string& what, long code, bool refused)
    : std::runtime_error(what + ": " + advice(code, refused)), code_(code), refused_(refused) {}

bool Error::no_service() const {
    return code_ == SCARD_E_NO_SERVICE || code_ == SCARD_E_SERVICE_STOPPED;
}

ExitCode Error::exit_code() const {
    switch (code_) {
    case SCARD_W_SECURITY_VIOLATION:
        return refused_ ? ExitCode::not_authorised : ExitCode::no_device;
    case SCARD_E_NO_SERVICE:
    case SCARD_E_SERVICE_STOPPED:
    case SCARD_E_NO_SMARTCARD:
    case SCARD_W_REMOVED_CARD:
    case SCARD_E_UNKNOWN_READER:
    case SCARD_E_READER_UNAVAILABLE:
    case SCARD_E_NO_READERS_AVAILABLE:
        return ExitCode::no_device;
    default:
        return ExitCode::failed;
    }
}

Context::Context() {
    SCARDCONTEXT context = 0;
    check("cannot reach pcscd",
          ::SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context));
    handle_ = context;
}

Context::~Context() {
    ::SCardReleaseContext(handle_);
}

std::vector<ReaderState> Context::readers() const {
    const std::vector<std::string> names = reader_names(handle_);
    std::vector<SCARD_READERSTATE> states(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        states[i].szReader = names[i].c_str();
        states[i].dwCurrentState = SCARD_STATE_UNAWARE;
    }
    if (!states.empty()) {
        check("cannot look at the readers",
              ::SCardGetStatusChange(handle_, 0, states.data(), static_cast<DWORD>(states.size())));
    }
    std::vector<ReaderState> readers;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::size_t atr_size =
            std::min<std::size_t>(states[i].cbAtr, sizeof states[i].rgbAtr);
        readers.push_back({names[i], (states[i].dwEventState & SCARD_STATE_PRESENT) != 0,
                           Bytes(states[i].rgbAtr, states[i].rgbAtr + atr_size)});
    }
    return readers;
}

void Context::wait_for_change(const std::vector<ReaderState>& known,
                              std::chrono::milliseconds limit) const {
    std::vector<SCARD_READERSTATE> states(known.size() + 1);
    states[0].szReader = new_reader_notice;
    states[0].dwCurrentState = static_cast<DWORD>(known.size()) << 16;
    for (std::size_t i = 0; i < known.size(); ++i) {
        states[i + 1].szReader = known[i].name.c_str();
        states[i + 1].dwCurrentState =
            known[i].card_present ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY;
    }
    // Any answer, a failure too, is a reason to look again.
    (void)::SCardGetStatusChange(handle_, static_cast<DWORD>(limit.count()), states.data(),
                                 static_cast<DWORD>(states.size()));
}

Session::Session(const Context& context, const std::string& reader) {
    SCARDHANDLE card = 0;
    check(("cannot use the card in " + reader).c_str(),
          ::SCardConnect(context.handle(), reader.c_str(), SCARD_SHARE_SHARED,
                         SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol_));
    card_ = card;
    LONG code = ::SCardBeginTransaction(card);
    if (code == SCARD_W_RESET_CARD) { // somebody else reset it before we came: take note, go on
        code = ::SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                                SCARD_LEAVE_CARD, &protocol_);
        if (code == SCARD_S_SUCCESS) {
            code = ::SCardBeginTransaction(card);
        }
    }
    if (code != SCARD_S_SUCCESS) {
        ::SCardDisconnect(card, SCARD_LEAVE_CARD);
        throw Error("cannot use the card in " + reader, code);
    }
}

Session::~Session() {
    ::SCardEndTransaction(card_, reset_at_end_ ? SCARD_RESET_CARD : SCARD_LEAVE_CARD);
    ::SCardDisconnect(card_, SCARD_LEAVE_CARD);
}

Reply Session::transmit(ByteView command) const {
    Bytes answer(65538);
    auto size = static_cast<DWORD>(answer.size());
    const SCARD_IO_REQUEST* header = protocol_ == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    check("the card does not answer",
          ::SCardTransmit(card_, header, command.data(), static_cast<DWORD>(command.size()),
                          nullptr, answer.data(), &size));
    if (size < 2) {
        throw Failure(ExitCode::failed, "the card gave no status word");
    }
    Reply reply;
    reply.status = static_cast<unsigned>(answer[size - 2] << 8 | answer[size - 1]);
    answer.resize(size - 2);
    reply.data = std::move(answer);
    return reply;
}

} // namespace tpmvsc::cli::pcsc
