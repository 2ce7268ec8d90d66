// SPDX-License-Identifier: Apache-2.0
#include "apdu/management/management_applet.hpp"

#include "apdu/compatible_version.hpp"
#include "base/tlv.hpp"

#include <array>
#include <string>

namespace tpmvsc::management {

namespace {

namespace sw = apdu::sw;

constexpr std::array<std::uint8_t, 8> identifier{0xA0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17};

/// DeviceInfo of yubikey-manager's yubikit/management.py: one length byte, then data objects.
Bytes configuration(std::uint32_t serial) {
    enum Tag : std::uint32_t {
        usb_supported = 0x01,
        serial_number = 0x02,
        usb_enabled = 0x03,
        form_factor = 0x04,
        version = 0x05,
        configuration_lock = 0x0A,
    };
    constexpr std::array<std::uint8_t, 2> piv_only{0x00, 0x10};
    constexpr std::array<std::uint8_t, 1> unknown_form{0x00};
    constexpr std::array<std::uint8_t, 1> unlocked{0x00};
    TlvWriter writer;
    writer.add(usb_supported, piv_only)
        .add(serial_number, big_endian32(serial))
        .add(usb_enabled, piv_only)
        .add(form_factor, unknown_form)
        .add(version, apdu::compatible_version)
        .add(configuration_lock, unlocked);
    const Bytes objects = writer.take();
    return concat({Bytes{static_cast<std::uint8_t>(objects.size())}, objects});
}

} // namespace

ByteView ManagementApplet::aid() const {
    return identifier;
}

apdu::Response ManagementApplet::select(const apdu::Command&) {
    std::string text = "Virtual mgr - FW version";
    char before = ' ';
    for (const std::uint8_t number : apdu::compatible_version) {
        text += before + std::to_string(number);
        before = '.';
    }
    return apdu::Response(to_bytes(text));
}

apdu::Response ManagementApplet::handle(const apdu::Command& command) {
    constexpr std::uint8_t read_configuration = 0x1D;
    if (command.ins != read_configuration) {
        return sw::instruction_not_supported;
    }
    if (command.p1_p2() != 0) {
        return sw::wrong_p1_p2;
    }
    return command.data.empty() ? apdu::Response(configuration(serial_)) : sw::wrong_length;
}

} // namespace tpmvsc::management
