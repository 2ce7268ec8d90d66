// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/certificate_object.hpp"

#include "apdu/piv/attestation.hpp"
#include "apdu/piv/extension_commands.hpp"
#include "apdu/piv/piv_objects.hpp"
#include "base/tlv.hpp"
#include "cli/failure.hpp"
#include "cli/x509/gzip.hpp"

namespace tpmvsc::cli::x509 {
namespace {

constexpr std::uint32_t tag_certificate = 0x70;
constexpr std::uint32_t tag_certificate_info = 0x71;
constexpr std::uint32_t tag_error_detection = 0xFE;
constexpr std::uint8_t der_sequence = 0x30;

Bytes encode(const Certificate& certificate) {
    TlvWriter writer;
    writer.add(tag_certificate, certificate.der())
        .add(tag_certificate_info, Bytes{0})
        .add(tag_error_detection, {});
    return writer.take();
}

std::optional<Certificate> decode(ByteView object) {
    const TlvReader reader(object);
    const auto certificate = reader.find(tag_certificate);
    if (!certificate || certificate->value.empty()) {
        return std::nullopt;
    }
    // The standard marks compression with 01 in 71, OpenSC with 80: the certificate itself tells.
    if (certificate->value.front() != der_sequence) {
        const auto der = gunzip(certificate->value);
        return der ? Certificate::from_der(*der) : std::nullopt;
    }
    return Certificate::from_der(certificate->value);
}

} // namespace

std::uint32_t certificate_tag(card::KeySlot slot) {
    return slot == piv::attestation_key_reference ? piv::tag_attestation_certificate
                                                  : piv::find_key_reference(slot)->certificate;
}

std::optional<Certificate> read_certificate(const client::PivCard& card, card::KeySlot slot) {
    const auto object = card.read_object(certificate_tag(slot));
    if (!object) {
        return std::nullopt;
    }
    auto certificate = decode(*object);
    if (!certificate) {
        throw Failure(ExitCode::failed,
                      "what is stored as certificate of slot " + to_hex(Bytes{slot}) + " is none");
    }
    return certificate;
}

void write_certificate(client::PivCard& card, card::KeySlot slot, const Certificate& certificate) {
    card.write_object(certificate_tag(slot), encode(certificate));
}

bool too_large(const Certificate& certificate) {
    return encode(certificate).size() > piv::max_object_bytes;
}

void remove_certificate(client::PivCard& card, card::KeySlot slot) {
    card.write_object(certificate_tag(slot), {});
}

} // namespace tpmvsc::cli::x509
