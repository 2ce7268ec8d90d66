// SPDX-License-Identifier: Apache-2.0
#include "freerdp_channel.hpp"

#include <exception>
#include <iomanip>
#include <iostream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>

// freerdp-session READER: a session at the other end of a remote desktop connection. It reads APDUs
// in hexadecimal, a line each, sends them by FreeRDP's smart card redirection and prints the
// answers, what waits behind 61xx included.

using namespace tpmvsc;
using test::AnswerReader;
using test::CallWriter;
using test::FreeRdpChannel;
using test::RedirectedCall;

namespace {

constexpr std::uint32_t scope_system = 2;
constexpr std::uint32_t share_shared = 2;
constexpr std::uint32_t protocols_t0_t1 = 3;
constexpr std::uint32_t leave_card = 0;
constexpr std::uint32_t as_long_as_it_takes = 0xFFFFFFFF;

void check(const char* what, std::uint32_t status) {
    if (status != 0) {
        std::ostringstream text;
        text << what << ": " << std::hex << status;
        throw std::runtime_error(text.str());
    }
}

/// RedirectedCard is the card as the session has it: a context, a handle, a protocol.
class RedirectedCard {
  public:
    explicit RedirectedCard(const std::string& reader) {
        establish();
        require(reader);
        connect(reader);
    }
    ~RedirectedCard() {
        finish(RedirectedCall::end_transaction);
        finish(RedirectedCall::disconnect);
        channel_.call(RedirectedCall::release_context,
                      CallWriter().reference(context_).pointed(context_).take());
    }
    RedirectedCard(const RedirectedCard&) = delete;
    RedirectedCard& operator=(const RedirectedCard&) = delete;

    Bytes transmit(ByteView command) {
        constexpr std::uint32_t room = 66000;
        AnswerReader answer(channel_.call(RedirectedCall::transmit,
                                          CallWriter()
                                              .reference(context_)
                                              .reference(handle_)
                                              .number(protocol_)
                                              .number(0)
                                              .null()
                                              .number(static_cast<std::uint32_t>(command.size()))
                                              .pointer()
                                              .null()
                                              .number(0)
                                              .number(room)
                                              .pointed(context_)
                                              .pointed(handle_)
                                              .pointed(command)
                                              .take()));
        check("transmit", answer.number());
        if (answer.pointer()) {
            throw std::runtime_error("a protocol header that nobody asked for");
        }
        static_cast<void>(answer.number());
        return answer.pointer() ? answer.pointed() : Bytes{};
    }

  private:
    void establish() {
        AnswerReader answer(channel_.call(RedirectedCall::establish_context,
                                          CallWriter().number(scope_system).take()));
        check("establish context", answer.number());
        static_cast<void>(answer.number());
        context_ = answer.pointer() ? answer.pointed() : Bytes{};
    }

    /// The session shows what readers there are; this one has to be among them.
    void require(const std::string& reader) {
        AnswerReader answer(
            channel_.call(RedirectedCall::list_readers, CallWriter()
                                                            .reference(context_)
                                                            .number(0)
                                                            .null()
                                                            .number(0)
                                                            .number(as_long_as_it_takes)
                                                            .pointed(context_)
                                                            .take()));
        check("list readers", answer.number());
        static_cast<void>(answer.number());
        const Bytes wide = answer.pointer() ? answer.pointed() : Bytes{};
        std::string names;
        for (std::size_t i = 0; i + 1 < wide.size(); i += 2) {
            names.push_back(static_cast<char>(wide[i]));
        }
        const std::string wanted = reader + '\0';
        if (names.find(wanted) == std::string::npos) {
            throw std::runtime_error("the session does not see the reader");
        }
    }

    void connect(const std::string& reader) {
        AnswerReader answer(channel_.call(RedirectedCall::connect, CallWriter()
                                                                       .pointer()
                                                                       .reference(context_)
                                                                       .number(share_shared)
                                                                       .number(protocols_t0_t1)
                                                                       .pointed_text(reader)
                                                                       .pointed(context_)
                                                                       .take()));
        check("connect", answer.number());
        static_cast<void>(answer.number());
        const bool has_context = answer.pointer();
        static_cast<void>(answer.number());
        const bool has_handle = answer.pointer();
        protocol_ = answer.number();
        if (has_context) {
            answer.pointed();
        }
        handle_ = has_handle ? answer.pointed() : Bytes{};
        AnswerReader begun(
            channel_.call(RedirectedCall::begin_transaction, with_disposition().take()));
        check("begin transaction", begun.number());
    }

    CallWriter with_disposition() const {
        CallWriter call;
        call.reference(context_).reference(handle_).number(leave_card);
        call.pointed(context_).pointed(handle_);
        return call;
    }
    void finish(RedirectedCall code) { channel_.call(code, with_disposition().take()); }

    FreeRdpChannel channel_;
    Bytes context_;
    Bytes handle_;
    std::uint32_t protocol_ = 0;
};

std::optional<Bytes> parse(const std::string& line) {
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < line.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoul(line.substr(i, 2), nullptr, 16)));
    }
    return bytes.size() < 4 ? std::nullopt : std::optional(bytes);
}

/// Sends a command and fetches all that waits.
Bytes exchange(RedirectedCard& card, ByteView command) {
    constexpr std::uint8_t more = 0x61;
    Bytes answer = card.transmit(command);
    while (answer.size() >= 2 && answer[answer.size() - 2] == more) {
        const std::uint8_t waiting = answer.back();
        answer.resize(answer.size() - 2);
        append(answer, card.transmit(Bytes{0x00, 0xC0, 0x00, 0x00, waiting}));
    }
    return answer;
}

int run(const std::string& reader) {
    RedirectedCard card(reader);
    std::string line;
    while (std::getline(std::cin, line)) {
        const auto command = parse(line);
        if (!command) {
            std::cerr << "not a command: " << line << '\n';
            return 2;
        }
        for (const std::uint8_t byte : exchange(card, *command)) {
            std::cout << std::hex << std::setw(2) << std::setfill('0') << unsigned{byte};
        }
        std::cout << std::endl;
    }
    return 0;
}

} // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: freerdp-session READER\n";
        return 2;
    }
    try {
        return run(arguments[1]);
    } catch (const std::exception& error) {
        std::cerr << "freerdp-session: " << error.what() << '\n';
        return 1;
    }
}
