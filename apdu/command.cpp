// SPDX-License-Identifier: Apache-2.0
#include "apdu/command.hpp"

namespace tpmvsc::apdu {

namespace {

constexpr std::size_t header_bytes = 4;
constexpr std::size_t short_maximum = 256;
constexpr std::size_t extended_maximum = 65536;

/// Le of zero asks for as much as the form can carry (ISO 7816-3 section 12.1.2).
std::size_t expected_length(std::size_t le, std::size_t maximum) {
    return le == 0 ? maximum : le;
}

/// Cases 2S, 3S and 4S: `body` begins with the one length byte.
bool read_short(ByteView body, Command& command) {
    const std::size_t length = body[0];
    if (body.size() == 1) {
        command.le_present = true;
        command.expected = expected_length(length, short_maximum);
        return true;
    }
    command.le_present = body.size() == length + 2;
    if (length == 0 || (body.size() != length + 1 && !command.le_present)) {
        return false;
    }
    command.data = to_bytes(body.subspan(1, length));
    if (command.le_present) {
        command.expected = expected_length(body.back(), short_maximum);
    }
    return true;
}

/// Cases 2E, 3E and 4E: `body` begins with 00 and two length bytes. A host that writes a case 1
/// command in the extended form (yubikey-manager 4.0.9: 00 20 00 80 00 00 00) sends the bytes of
/// case 2E, and is read as such.
bool read_extended(ByteView body, Command& command) {
    constexpr std::size_t prefix = 3;
    command.extended = true;
    command.expected = extended_maximum;
    if (body.size() < prefix) {
        return false;
    }
    const std::size_t length = read_big_endian(body.subspan(1, 2));
    if (body.size() == prefix) {
        command.le_present = true;
        command.expected = expected_length(length, extended_maximum);
        return true;
    }
    command.le_present = body.size() == prefix + length + 2;
    if (length == 0 || (body.size() != prefix + length && !command.le_present)) {
        return false;
    }
    command.data = to_bytes(body.subspan(prefix, length));
    if (command.le_present) {
        command.expected =
            expected_length(read_big_endian(body.subspan(prefix + length)), extended_maximum);
    }
    return true;
}

bool read_body(ByteView body, Command& command) {
    if (body.empty()) {
        return true; // case 1
    }
    const bool extended = body[0] == 0 && body.size() > 1;
    return extended ? read_extended(body, command) : read_short(body, command);
}

} // namespace

std::variant<Command, StatusWord> decode(ByteView apdu) {
    Command command;
    command.expected = short_maximum;
    if (apdu.size() < header_bytes || !read_body(apdu.subspan(header_bytes), command)) {
        return sw::wrong_length;
    }
    command.cla = apdu[0];
    command.ins = apdu[1];
    command.p1 = apdu[2];
    command.p2 = apdu[3];
    return command;
}

Bytes encode(const Response& response) {
    Bytes out;
    out.reserve(response.data.size() + 2);
    append(out, response.data);
    append(out, big_endian16(response.status.value));
    return out;
}

} // namespace tpmvsc::apdu
