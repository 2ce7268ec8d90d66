// SPDX-License-Identifier: Apache-2.0
#include "ifdhandler/capabilities.hpp"

#include "ifdhandler/pcscd.hpp"

#include <cstring>

#ifndef TPMVSC_VERSION_NUMBER
#define TPMVSC_VERSION_NUMBER 0
#endif

namespace tpmvsc::ifd {

namespace {

// As many readers as pcscd can number. Without it pcscd 1.9.9 opens a second reader.conf entry of
// this driver under the number of the first.
constexpr std::uint8_t most_readers = 16;

// The longest command APDU: header, extended Lc, 65,535 bytes, extended Le.
constexpr std::uint32_t longest_command = 4 + 3 + 65'535 + 2;

// PC/SC part 3: 00F0 to 00FF are a vendor's own kinds of channel.
constexpr std::uint32_t own_channel_type = 0x00F0'0000;

// PC/SC part 3, table of ICC_PRESENCE: 2 is "present, not swallowed".
constexpr std::uint8_t presence_present = 2;

constexpr std::uint32_t properties_code = SCARD_CTL_CODE(FEATURE_GET_TLV_PROPERTIES + 0x0800);

template<typename T>
Bytes native(T value) {
    Bytes bytes(sizeof value);
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

Bytes byte(unsigned value) {
    return Bytes{static_cast<std::uint8_t>(value)};
}

// Text attributes are sent with their terminator, as pcscd sends its own.
Bytes text(const std::string& value) {
    Bytes bytes = to_bytes(value);
    bytes.push_back(0);
    return bytes;
}

// What pcscd asks a driver.
std::optional<Bytes> driver_tag(std::uint32_t tag, const Channel& channel, const Polling& polling) {
    switch (tag) {
    case TAG_IFD_SLOTS_NUMBER:
        return byte(channel.reader->slot_count());
    case TAG_IFD_SLOT_THREAD_SAFE:
    case TAG_IFD_THREAD_SAFE:
        return byte(1);
    case TAG_IFD_SIMULTANEOUS_ACCESS:
        return byte(most_readers);
    case TAG_IFD_POLLING_THREAD_KILLABLE:
        return byte(0);
    case TAG_IFD_POLLING_THREAD_WITH_TIMEOUT:
        return native(polling.wait);
    case TAG_IFD_STOP_POLLING_THREAD:
        return native(polling.stop);
    default:
        return std::nullopt;
    }
}

// What depends on the card in the slot.
std::optional<Bytes> card_attribute(std::uint32_t tag, const Slot& slot) {
    const auto card = slot.identity();
    switch (tag) {
    case SCARD_ATTR_ICC_PRESENCE:
        return byte(card ? presence_present : 0);
    case SCARD_ATTR_ICC_INTERFACE_STATUS:
        return byte(card && slot.powered() ? 1 : 0);
    case TAG_IFD_ATR:
    case SCARD_ATTR_ATR_STRING:
        return card ? std::optional(to_bytes(apdu::atr_of(card->profile))) : std::nullopt;
    case SCARD_ATTR_VENDOR_IFD_SERIAL_NO:
        return card ? std::optional(text(std::to_string(card->serial))) : std::nullopt;
    case SCARD_ATTR_CURRENT_PROTOCOL_TYPE:
        return card ? std::optional(native<std::uint32_t>(SCARD_PROTOCOL_T1)) : std::nullopt;
    default:
        return std::nullopt;
    }
}

std::optional<Bytes> reader_attribute(std::uint32_t tag, Lun lun) {
    switch (tag) {
    case SCARD_ATTR_VENDOR_NAME:
        return text("tpmvsc");
    case SCARD_ATTR_VENDOR_IFD_TYPE:
        return text("TPM Virtual Smart Card");
    case SCARD_ATTR_VENDOR_IFD_VERSION:
        return native<std::uint32_t>(TPMVSC_VERSION_NUMBER);
    case SCARD_ATTR_MAXINPUT:
        return native(longest_command);
    case SCARD_ATTR_CHANNEL_ID:
        return native<std::uint32_t>(own_channel_type | lun.slot());
    default:
        return std::nullopt;
    }
}

} // namespace

std::optional<Bytes> capability(std::uint32_t tag, Lun lun, const Channel& channel,
                                const Polling& polling) {
    if (auto value = driver_tag(tag, channel, polling)) {
        return value;
    }
    if (auto value = card_attribute(tag, *channel.slot)) {
        return value;
    }
    return reader_attribute(tag, lun);
}

bool is_pointer_tag(std::uint32_t tag) {
    return tag == TAG_IFD_POLLING_THREAD_WITH_TIMEOUT || tag == TAG_IFD_STOP_POLLING_THREAD;
}

std::optional<Bytes> control(std::uint32_t code) {
    if (code == CM_IOCTL_GET_FEATURE_REQUEST) {
        // PC/SC part 10 section 2.2: tag, length, control code in network order.
        const Bytes head{FEATURE_GET_TLV_PROPERTIES, 4};
        return concat({head, big_endian32(properties_code)});
    }
    if (code == properties_code) {
        // PC/SC part 10 section 2.6.14: the value is little-endian. More than 256 tells clients
        // that extended APDUs work.
        return Bytes{PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize, 4, 0x00, 0x00, 0x01, 0x00};
    }
    return std::nullopt;
}

} // namespace tpmvsc::ifd
