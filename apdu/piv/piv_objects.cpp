// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/piv_objects.hpp"

#include "apdu/piv/application.hpp"
#include "apdu/piv/attestation.hpp"
#include "apdu/piv/key_history.hpp"
#include "base/tlv.hpp"

#include <algorithm>
#include <array>

namespace tpmvsc::piv {

namespace {

namespace sw = apdu::sw;
using apdu::Response;

constexpr std::uint32_t outer_tag = 0x53;
constexpr std::uint32_t first_object = 0x5F0000;
constexpr std::uint32_t last_object = 0x5FFFFF;

/// Containers that are read only by who has given the PIN (part 1 table 2).
constexpr std::array<std::uint32_t, 5> pin_protected{
    0x5FC103, // fingerprints
    0x5FC108, // facial image
    0x5FC109, // printed information
    0x5FC121, // iris images
    0x5FC123, // pairing code reference data
};

bool is_storable(std::uint32_t tag) {
    return tag == tag_biometric_group || (tag >= first_object && tag <= last_object);
}

/// Discovery object (part 1 section 3.3.2): the application, and that its own PIN, no other secret,
/// satisfies the access rules. The same bytes each time: OpenSC calls the card corrupted otherwise.
Bytes discovery_object() {
    constexpr std::array<std::uint8_t, 2> usage_policy{0x40, 0x00};
    TlvWriter writer;
    writer.open(tag_discovery).add(0x4F, application_identifier()).add(0x5F2F, usage_policy);
    return writer.close().take();
}

Response wrapped(std::uint32_t tag, ByteView value) {
    TlvWriter writer;
    writer.add(tag == tag_biometric_group ? tag : outer_tag, value);
    return Response(writer.take());
}

Response read_stored(card::Card& card, std::uint32_t tag) {
    const card::ReadAccess access = read_access(tag);
    if (access == card::ReadAccess::pin && !card.logged_in()) {
        return sw::security_status_not_satisfied;
    }
    bool login_ended = false;
    const auto value = card.read_object(tag, access, &login_ended);
    if (login_ended) {
        return sw::security_status_not_satisfied;
    }
    if (!value && tag == tag_attestation_certificate) {
        return wrapped(tag, attestation_certificate_object(card));
    }
    return value ? wrapped(tag, *value) : Response(sw::file_not_found);
}

} // namespace

card::ReadAccess read_access(std::uint32_t tag) {
    const bool needs_pin =
        std::find(pin_protected.begin(), pin_protected.end(), tag) != pin_protected.end();
    return needs_pin ? card::ReadAccess::pin : card::ReadAccess::always;
}

Response read_object(card::Card& card, const GetData& command) {
    if (command.tag == tag_discovery) {
        return Response(discovery_object());
    }
    if (command.tag == tag_key_history) {
        return wrapped(tag_key_history, key_history(card));
    }
    return is_storable(command.tag) ? read_stored(card, command.tag) : Response(sw::file_not_found);
}

apdu::StatusWord write_object(card::Card& card, const PutData& command) {
    if (!is_storable(command.tag)) {
        return sw::function_not_supported;
    }
    if (command.contents.size() > max_object_bytes) {
        return sw::not_enough_memory;
    }
    if (command.tag == tag_key_history && !is_key_history(command.contents)) {
        return sw::wrong_data;
    }
    card.write_object(command.tag, read_access(command.tag), command.contents);
    return sw::success;
}

} // namespace tpmvsc::piv
