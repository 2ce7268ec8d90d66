// SPDX-License-Identifier: Apache-2.0
#include "cli/client/transport.hpp"

#include "apdu/status_word.hpp"

namespace tpmvsc::cli::client {
namespace {

constexpr std::uint8_t last_of_chain = 0x00;
constexpr std::uint8_t chained = 0x10;
constexpr std::uint8_t get_response = 0xC0;
constexpr std::size_t longest_short_data = 255;

/// One short APDU, with an Le that takes all there is.
Bytes short_apdu(std::uint8_t cla, const Command& command, ByteView data) {
    Bytes apdu{cla, command.ins, command.p1, command.p2};
    if (!data.empty()) {
        apdu.push_back(static_cast<std::uint8_t>(data.size()));
        append(apdu, data);
    }
    apdu.push_back(0x00);
    return apdu;
}

bool more_waits(unsigned status) {
    return status >> 8 == 0x61;
}

} // namespace

pcsc::Reply exchange(const pcsc::Session& session, const Command& command) {
    ByteView rest = command.data;
    while (rest.size() > longest_short_data) {
        const auto reply =
            session.transmit(short_apdu(chained, command, rest.first(longest_short_data)));
        if (!reply.done()) {
            return reply;
        }
        rest = rest.subspan(longest_short_data);
    }
    pcsc::Reply reply = session.transmit(short_apdu(last_of_chain, command, rest));
    Bytes collected = std::move(reply.data);
    while (more_waits(reply.status)) {
        reply = session.transmit(short_apdu(last_of_chain, {get_response, 0, 0, {}}, {}));
        append(collected, reply.data);
    }
    reply.data = std::move(collected);
    return reply;
}

pcsc::Reply select_application(const pcsc::Session& session, ByteView aid) {
    constexpr std::uint8_t ins_select = 0xA4;
    constexpr std::uint8_t by_name = 0x04;
    return exchange(session, {ins_select, by_name, 0x00, to_bytes(aid)});
}

} // namespace tpmvsc::cli::client
