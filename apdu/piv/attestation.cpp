// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/attestation.hpp"

#include "base/tlv.hpp"

#include <array>

namespace tpmvsc::piv {

namespace {

namespace sw = apdu::sw;
using apdu::Response;

constexpr std::uint32_t tag_certificate = 0x70;
constexpr std::uint32_t tag_certificate_info = 0x71;
constexpr std::uint32_t tag_error_detection = 0xFE;

/// The certificate that an administrator has put; nothing when there is none that could be used.
std::optional<Bytes> certificate_put(card::Card& card) {
    const auto object = card.read_object(tag_attestation_certificate, card::ReadAccess::always);
    if (!object) {
        return std::nullopt;
    }
    const TlvReader reader{ByteView(*object)};
    const auto info = reader.find(tag_certificate_info);
    const auto certificate = reader.find(tag_certificate);
    const bool compressed = info && !info->value.empty() && info->value.front() != 0;
    if (!certificate || compressed) {
        return std::nullopt;
    }
    return to_bytes(certificate->value);
}

/// The element `index` of a row of DER elements; empty when there is none.
ByteView element(ByteView row, std::size_t index) {
    const auto elements = parse_all(row);
    return elements && index < elements->size() ? (*elements)[index].value : ByteView();
}

} // namespace

Response attest(card::Card& card, const AttestKey& command) {
    if (const auto issuer = certificate_put(card)) {
        if (auto certificate = card.attest(command.slot, *issuer)) {
            return Response(std::move(*certificate));
        }
    }
    auto certificate = card.attest(command.slot, card.attestation_certificate());
    return certificate ? Response(std::move(*certificate)) : Response(sw::wrong_data);
}

Bytes attestation_certificate_object(card::Card& card) {
    constexpr std::array<std::uint8_t, 1> not_compressed{0};
    TlvWriter writer;
    writer.add(tag_certificate, card.attestation_certificate())
        .add(tag_certificate_info, not_compressed)
        .add(tag_error_detection, {});
    return writer.take();
}

/// RFC 5280 section 4.1: Certificate, first the part that is signed, in it (with a version in
/// front) the seventh element the public key, in that the bit string.
std::optional<card::KeyInfo> attestation_key(card::Card& card) {
    constexpr std::size_t public_key_info = 6;
    const Bytes certificate = card.attestation_certificate();
    const ByteView signed_part = element(element(certificate, 0), 0);
    const ByteView bits = element(element(signed_part, public_key_info), 1);
    if (bits.empty()) {
        return std::nullopt;
    }
    card::KeyInfo key;
    key.algorithm = card::KeyAlgorithm::p256;
    key.pin_policy = card::PinPolicy::never;
    key.public_key.point = to_bytes(bits.subspan(1));
    return key;
}

} // namespace tpmvsc::piv
