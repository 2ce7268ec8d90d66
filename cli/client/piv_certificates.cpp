// SPDX-License-Identifier: Apache-2.0
// Certificates as they are on PIV cards (SP 800-73-4 part 1 appendix A): 70 the certificate, 71 how
// it is written, FE nothing.
#include "apdu/piv/attestation.hpp"
#include "apdu/piv/extension_commands.hpp"
#include "apdu/piv/piv_objects.hpp"
#include "base/tlv.hpp"
#include "cli/client/packing.hpp"
#include "cli/client/piv_card.hpp"
#include "cli/client/refusal.hpp"

namespace tpmvsc::cli::client {
namespace {

constexpr std::uint32_t tag_certificate = 0x70;
constexpr std::uint32_t tag_certificate_info = 0x71;
constexpr std::uint32_t tag_error_detection = 0xFE;
constexpr std::uint8_t der_sequence = 0x30;

std::uint32_t object_of(card::KeySlot slot) {
    return slot == piv::attestation_key_reference ? piv::tag_attestation_certificate
                                                  : piv::find_key_reference(slot)->certificate;
}

Bytes encode(ByteView certificate) {
    TlvWriter writer;
    writer.add(tag_certificate, certificate)
        .add(tag_certificate_info, Bytes{0})
        .add(tag_error_detection, {});
    return writer.take();
}

} // namespace

bool PivCard::has_certificate(card::KeySlot slot) const {
    return read_object(object_of(slot)).has_value();
}

std::optional<Bytes> PivCard::certificate(card::KeySlot slot) const {
    const auto object = read_object(object_of(slot));
    if (!object) {
        return std::nullopt;
    }
    const auto found = TlvReader(*object).find(tag_certificate);
    if (!found || found->value.empty()) {
        throw unreadable_certificate(to_hex(Bytes{slot}));
    }
    // The standard marks compression with 01 in 71, OpenSC with 80: the certificate itself tells.
    if (found->value.front() == der_sequence) {
        return to_bytes(found->value);
    }
    auto unpacked = unpack(found->value);
    if (!unpacked) {
        throw unreadable_certificate(to_hex(Bytes{slot}));
    }
    return unpacked;
}

std::size_t PivCard::most_certificate_bytes() const {
    return piv::max_object_bytes;
}

bool PivCard::has_room_for(ByteView certificate) const {
    return encode(certificate).size() <= piv::max_object_bytes;
}

void PivCard::write_certificate(card::KeySlot slot, ByteView certificate) {
    write_object(object_of(slot), encode(certificate));
}

void PivCard::remove_certificate(card::KeySlot slot) {
    write_object(object_of(slot), {});
}

/// The certificate is copied before the key goes, so that at no time there is a key without its
/// certificate.
void PivCard::move_pair(card::KeySlot from, card::KeySlot to) {
    const auto certificate = read_object(object_of(from));
    const auto former = read_object(object_of(to));
    if (certificate) {
        write_object(object_of(to), *certificate);
    }
    try {
        move_key(from, to);
    } catch (...) {
        if (certificate) {
            write_object(object_of(to), former.value_or(Bytes()));
        }
        throw;
    }
    if (certificate) {
        write_object(object_of(from), {});
    }
}

} // namespace tpmvsc::cli::client
