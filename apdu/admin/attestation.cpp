// SPDX-License-Identifier: Apache-2.0
#include "apdu/admin/attestation.hpp"

#include "apdu/admin/status.hpp"
#include "base/credential_answer.hpp"
#include "base/tlv.hpp"
#include "tpm/error.hpp"

#include <algorithm>
#include <array>

namespace tpmvsc::admin {

namespace {

namespace sw = apdu::sw;

constexpr std::uint32_t tag_attestation = 0xE3;
constexpr std::uint32_t tag_endorsement = 0xE4;
constexpr std::uint32_t tag_answer_template = 0xE5;
constexpr std::uint32_t tag_first = 0x80;
constexpr std::uint32_t tag_second = 0x81;
constexpr std::uint32_t tag_third = 0x82;
constexpr std::uint32_t tag_fourth = 0x83;

bool is_endorsement_data(std::uint16_t p1_p2) {
    return p1_p2 >= endorsement_data && p1_p2 <= endorsement_data + 2;
}

std::optional<tpm::EndorsementKind> kind_of(std::uint8_t number) {
    if (number == 0 || number > static_cast<int>(tpm::EndorsementKind::rsa)) {
        return std::nullopt;
    }
    return static_cast<tpm::EndorsementKind>(number);
}

/// The objects in the only template of `bytes`; nothing when it is another one or malformed.
std::optional<std::vector<Tlv>> objects_of(ByteView bytes, std::uint32_t tag) {
    const auto outer = parse_all(bytes);
    if (!outer || outer->size() != 1 || outer->front().tag != tag) {
        return std::nullopt;
    }
    return parse_all(outer->front().value);
}

ByteView value_of(const std::vector<Tlv>& objects, std::uint32_t tag) {
    const auto found = std::find_if(objects.begin(), objects.end(),
                                    [tag](const Tlv& object) { return object.tag == tag; });
    return found == objects.end() ? ByteView() : found->value;
}

apdu::Response attest(card::Card& card, const apdu::Command& command) {
    if (command.p2 != 0x00) {
        return sw::wrong_p1_p2;
    }
    const auto objects = parse_all(command.data);
    if (!objects || objects->size() > 1 ||
        (objects->size() == 1 && (objects->front().tag != tag_first ||
                                  objects->front().value.size() > tpm::longest_nonce))) {
        return sw::wrong_data;
    }
    const ByteView nonce = objects->empty() ? ByteView() : objects->front().value;
    KeyAttestation result;
    result.authority = card.attestation_certificate();
    auto certificate = card.attest(command.p1, result.authority, nonce);
    if (!certificate) {
        return sw::wrong_data;
    }
    result.certificate = *std::move(certificate);
    if (card.key(command.p1)->pin_policy != card::PinPolicy::never) {
        result.tries = card.attest_tries(nonce);
    }
    return apdu::Response(encode(result));
}

apdu::Response endorsement(card::Card& card, const apdu::Command& command) {
    if (!command.data.empty()) {
        return sw::wrong_length;
    }
    const auto wish = kind_of(static_cast<std::uint8_t>(command.p1_p2() - endorsement_data));
    return apdu::Response(encode(card.endorsement(wish)));
}

apdu::Response internal_authenticate(card::Card& card, const apdu::Command& command) {
    const auto kind = kind_of(command.p1);
    if (!kind || command.p2 != 0x00) {
        return sw::wrong_p1_p2;
    }
    const auto objects = parse_all(command.data);
    if (!objects || objects->size() != 2 || objects->front().tag != tag_first ||
        objects->back().tag != tag_second) {
        return sw::wrong_data;
    }
    const auto opened =
        card.activate_credential(*kind, objects->front().value, objects->back().value);
    if (!opened) {
        return sw::wrong_data;
    }
    return apdu::Response(TlvWriter()
                              .open(tag_answer_template)
                              .add(tag_first, credential_answer(opened->view()))
                              .close()
                              .take());
}

} // namespace

bool is_attestation(const apdu::Command& command) {
    return command.ins == ins_attest || command.ins == ins_internal_authenticate ||
           (command.ins == ins_get_data && is_endorsement_data(command.p1_p2()));
}

apdu::Response answer_attestation(card::Card& card, const apdu::Command& command) {
    if (command.ins == ins_attest) {
        return attest(card, command);
    }
    return command.ins == ins_get_data ? endorsement(card, command)
                                       : internal_authenticate(card, command);
}

Bytes encode(const KeyAttestation& attestation) {
    TlvWriter writer;
    writer.open(tag_attestation)
        .add(tag_first, attestation.certificate)
        .add(tag_second, attestation.authority);
    if (attestation.tries) {
        writer.add(tag_third, attestation.tries->attest)
            .add(tag_fourth, attestation.tries->signature);
    }
    return writer.close().take();
}

std::optional<KeyAttestation> decode_attestation(ByteView bytes) {
    const auto objects = objects_of(bytes, tag_attestation);
    if (!objects) {
        return std::nullopt;
    }
    KeyAttestation result{to_bytes(value_of(*objects, tag_first)),
                          to_bytes(value_of(*objects, tag_second)), std::nullopt};
    const ByteView tries = value_of(*objects, tag_third);
    if (!tries.empty()) {
        result.tries = tpm::Statement{to_bytes(tries), to_bytes(value_of(*objects, tag_fourth))};
    }
    return result;
}

Bytes encode(const tpm::EndorsementKey& key) {
    const std::array<std::uint8_t, 1> kind{static_cast<std::uint8_t>(key.kind)};
    TlvWriter writer;
    writer.open(tag_endorsement).add(tag_first, kind).add(tag_second, key.public_area);
    if (!key.certificate.empty()) {
        writer.add(tag_third, key.certificate);
    }
    for (const Bytes& issuer : key.chain) {
        writer.add(tag_fourth, issuer);
    }
    return writer.close().take();
}

std::optional<tpm::EndorsementKey> decode_endorsement(ByteView bytes) {
    const auto objects = objects_of(bytes, tag_endorsement);
    const ByteView number = objects ? value_of(*objects, tag_first) : ByteView();
    const auto kind = number.size() == 1 ? kind_of(number.front()) : std::nullopt;
    if (!kind) {
        return std::nullopt;
    }
    tpm::EndorsementKey result{*kind,
                               to_bytes(value_of(*objects, tag_second)),
                               to_bytes(value_of(*objects, tag_third)),
                               {}};
    for (const Tlv& object : *objects) {
        if (object.tag == tag_fourth) {
            result.chain.push_back(to_bytes(object.value));
        }
    }
    return result;
}

Bytes encode_nonce(ByteView nonce) {
    return nonce.empty() ? Bytes{} : TlvWriter().add(tag_first, nonce).take();
}

Bytes encode_credential(ByteView credential, ByteView encrypted_secret) {
    return TlvWriter().add(tag_first, credential).add(tag_second, encrypted_secret).take();
}

std::optional<Bytes> decode_answer(ByteView bytes) {
    const auto objects = objects_of(bytes, tag_answer_template);
    if (!objects || objects->size() != 1) {
        return std::nullopt;
    }
    return to_bytes(objects->front().value);
}

} // namespace tpmvsc::admin
