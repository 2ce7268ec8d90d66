// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/piv_client.hpp"

#include "base/crypto.hpp"
#include "base/tlv.hpp"

#include <winscard.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <stdexcept>

namespace tpmvsc::bench {

namespace {

/// Where libpcsclite looks for pcscd. It reads this once in a process' life, so what is there has
/// to change: it is a symbolic link.
constexpr const char* socket_variable = "PCSCLITE_CSOCK_NAME";
constexpr std::uint8_t authentication_key = 0x9A;
constexpr std::uint8_t ins_general_authenticate = 0x87;

void check(const char* call, LONG code) {
    if (code != SCARD_S_SUCCESS)
        throw std::runtime_error(std::string(call) + ": " + pcsc_stringify_error(code));
}

/// Command of case 4, extended length, with the greatest Le.
Bytes extended(std::array<std::uint8_t, 4> header, ByteView data) {
    const std::array<std::uint8_t, 1> extension{0};
    return concat({header, extension, big_endian16(static_cast<std::uint16_t>(data.size())), data,
                   std::array<std::uint8_t, 2>{}});
}

/// The dynamic authentication template: an empty place for the answer, and `field` with `value`.
Bytes authentication_template(std::uint32_t field, ByteView value) {
    TlvWriter writer;
    writer.open(0x7C);
    if (field == 0x81 && !value.empty())
        writer.add(0x82, ByteView());
    return writer.add(field, value).close().take();
}

/// SocketLink leads the next connections to another pcscd, while it lives.
class SocketLink {
  public:
    explicit SocketLink(const std::string& socket) {
        const char* const link = std::getenv(socket_variable);
        if (link == nullptr)
            throw std::runtime_error(std::string(socket_variable) + " is not set");
        link_ = link;
        usual_ = std::filesystem::read_symlink(link_);
        point_to(socket);
    }
    ~SocketLink() { point_to(usual_); }
    SocketLink(const SocketLink&) = delete;
    SocketLink& operator=(const SocketLink&) = delete;

  private:
    void point_to(const std::filesystem::path& socket) const {
        std::filesystem::remove(link_);
        std::filesystem::create_symlink(socket, link_);
    }

    std::filesystem::path link_;
    std::filesystem::path usual_;
};

} // namespace

Pcsc::Pcsc(const std::string& socket) {
    std::optional<SocketLink> elsewhere;
    if (!socket.empty())
        elsewhere.emplace(socket);
    check("SCardEstablishContext",
          SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &handle_));
}

Pcsc::~Pcsc() {
    SCardReleaseContext(handle_);
}

std::vector<std::string> Pcsc::cards() const {
    std::vector<std::string> found = readers();
    std::erase_if(found, [this](const std::string& reader) { return !has_card(reader); });
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<std::string> Pcsc::readers() const {
    DWORD size = 0;
    check("SCardListReaders", SCardListReaders(handle_, nullptr, nullptr, &size));
    std::string names(size, '\0');
    check("SCardListReaders", SCardListReaders(handle_, nullptr, names.data(), &size));
    std::vector<std::string> found;
    for (const char* name = names.c_str(); *name != '\0'; name += std::strlen(name) + 1)
        found.emplace_back(name);
    return found;
}

bool Pcsc::has_card(const std::string& reader) const {
    SCARD_READERSTATE state{};
    state.szReader = reader.c_str();
    return SCardGetStatusChange(handle_, 0, &state, 1) == SCARD_S_SUCCESS &&
           (state.dwEventState & SCARD_STATE_PRESENT) != 0;
}

PivClient::PivClient(const Pcsc& pcsc, const std::string& reader) {
    DWORD protocol = 0;
    check("SCardConnect", SCardConnect(pcsc.handle(), reader.c_str(), SCARD_SHARE_SHARED,
                                       SCARD_PROTOCOL_T1, &card_, &protocol));
}

PivClient::~PivClient() {
    SCardDisconnect(card_, SCARD_RESET_CARD);
}

Bytes PivClient::exchange(ByteView command) const {
    std::array<std::uint8_t, MAX_BUFFER_SIZE_EXTENDED> answer;
    DWORD size = answer.size();
    check("SCardTransmit", SCardTransmit(card_, SCARD_PCI_T1, command.data(), command.size(),
                                         nullptr, answer.data(), &size));
    return to_bytes(ByteView(answer).first(size));
}

Bytes PivClient::run(ByteView command) const {
    Bytes answer = exchange(command);
    Bytes data;
    while (answer.size() >= 2 && answer[answer.size() - 2] == 0x61) {
        append(data, ByteView(answer).first(answer.size() - 2));
        answer = exchange(std::array<std::uint8_t, 5>{0x00, 0xC0, 0x00, 0x00, answer.back()});
    }
    append(data, answer);
    if (data.size() < 2 || data[data.size() - 2] != 0x90)
        throw std::runtime_error("the card answers " + to_hex(data) + " to command " +
                                 to_hex(command.first(std::min<std::size_t>(command.size(), 8))));
    data.resize(data.size() - 2);
    return data;
}

void PivClient::select() const {
    run(std::array<std::uint8_t, 11>{0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08,
                                     0x00});
}

void PivClient::verify(const std::string& pin) const {
    Bytes padded = to_bytes(pin);
    padded.resize(8, 0xFF);
    run(concat({std::array<std::uint8_t, 5>{0x00, 0x20, 0x00, 0x80, 0x08}, padded}));
}

void PivClient::authenticate_admin(ByteView key) const {
    constexpr std::array<std::uint8_t, 4> header{0x00, ins_general_authenticate, 0x03, 0x9B};
    constexpr std::size_t block = 8;
    const Bytes challenge = run(extended(header, authentication_template(0x81, {})));
    const Bytes answer =
        crypto::block_encrypt(crypto::BlockCipher::tdes, key, ByteView(challenge).last(block));
    run(extended(header, authentication_template(0x82, answer)));
}

void PivClient::generate_p256() const {
    run(extended({0x00, 0x47, 0x00, authentication_key},
                 std::array<std::uint8_t, 5>{0xAC, 0x03, 0x80, 0x01, 0x11}));
}

Bytes PivClient::get(ByteView tag) const {
    TlvWriter list;
    list.add(0x5C, tag);
    return run(extended({0x00, 0xCB, 0x3F, 0xFF}, list.take()));
}

void PivClient::put(ByteView tag, ByteView object) const {
    TlvWriter list;
    list.add(0x5C, tag);
    run(extended({0x00, 0xDB, 0x3F, 0xFF}, concat({list.take(), object})));
}

Bytes PivClient::sign(std::uint8_t algorithm, ByteView block) const {
    return run(extended({0x00, ins_general_authenticate, algorithm, authentication_key},
                        authentication_template(0x81, block)));
}

Bytes PivClient::sign_chained(std::uint8_t algorithm, ByteView block) const {
    constexpr std::size_t most = 255;
    const Bytes all = authentication_template(0x81, block);
    ByteView rest = all;
    while (rest.size() > most) {
        run(concat({std::array<std::uint8_t, 5>{0x10, ins_general_authenticate, algorithm,
                                                authentication_key, most},
                    rest.first(most)}));
        rest = rest.subspan(most);
    }
    const auto left = static_cast<std::uint8_t>(rest.size());
    return run(concat({std::array<std::uint8_t, 5>{0x00, ins_general_authenticate, algorithm,
                                                   authentication_key, left},
                       rest, std::array<std::uint8_t, 1>{0}}));
}

} // namespace tpmvsc::bench
