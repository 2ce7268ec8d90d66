// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/application.hpp"

#include "apdu/gids/file_control.hpp"
#include "base/tlv.hpp"

#include <array>

namespace tpmvsc::gids {

namespace {

constexpr std::array<std::uint8_t, 11> identifier{0xA0, 0x00, 0x00, 0x03, 0x97, 0x42,
                                                  0x54, 0x46, 0x59, 0x02, 0x01};

constexpr std::uint32_t tag_application_template = 0x61;
constexpr std::uint32_t tag_application_identifier = 0x4F;
constexpr std::uint32_t tag_label = 0x50;

} // namespace

ByteView application_identifier() {
    return identifier;
}

Bytes file_control_information() {
    constexpr std::uint32_t tag_discretionary = 0x73;
    constexpr std::uint32_t tag_protocols = 0x40;
    constexpr std::uint8_t mutual_and_external_authentication = 0xC0;
    TlvWriter writer;
    return writer.open(tag_application_template)
        .add(tag_application_identifier, identifier)
        .open(tag_discretionary)
        .add(tag_protocols, Bytes{mutual_and_external_authentication})
        .close()
        .close()
        .take();
}

Bytes application_control_parameters(bool operational) {
    constexpr std::uint8_t dedicated_file = 0x38;
    TlvWriter writer;
    return writer.open(0x62)
        .add(0x82, Bytes{dedicated_file})
        .add(0x84, identifier)
        .add(0x8A, Bytes{static_cast<std::uint8_t>(operational ? 0x05 : 0x03)})
        .add(0x8C, concat({Bytes{application_access_mode}, application_conditions}))
        .close()
        .take();
}

Bytes file_management_data() {
    constexpr std::uint32_t tag_pin_usage = 0x5F2F;
    constexpr std::uint8_t application_and_global_pin = 0x60;
    constexpr std::uint32_t tag_secret_data = 0x7F65;
    constexpr std::array<std::uint8_t, 2> none{0x80, 0x00};
    TlvWriter writer;
    return writer.open(0x64)
        .add(tag_pin_usage, Bytes{application_and_global_pin})
        .add(tag_secret_data, none)
        .close()
        .take();
}

/// Card service data: applications are selected by full and by partial name, and EF.DIR and EF.ATR
/// hold data objects. Card capabilities: data objects, chaining, short lengths. Windows reads this
/// at every use and then sends chains.
Bytes ef_atr_objects() {
    constexpr std::array<std::uint8_t, 1> service_data{0xF4};
    constexpr std::array<std::uint8_t, 3> capabilities{0x08, 0x01, 0x80};
    TlvWriter writer;
    return writer.add(0x43, service_data)
        .add(0x47, capabilities)
        .add(0x46, as_bytes("tpmvsc"))
        .take();
}

Bytes ef_dir_objects() {
    TlvWriter writer;
    return writer.open(tag_application_template)
        .add(tag_application_identifier, identifier)
        .add(tag_label, as_bytes("TPM Virtual Smart Card"))
        .close()
        .take();
}

} // namespace tpmvsc::gids
