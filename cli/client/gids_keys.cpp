// SPDX-License-Identifier: Apache-2.0
// Keys of a GIDS card, each in a key file of its own.
#include "apdu/status_word.hpp"
#include "base/tlv.hpp"
#include "card/ecdsa_der.hpp"
#include "cli/client/gids_card.hpp"
#include "cli/client/public_key_objects.hpp"
#include "cli/client/refusal.hpp"

namespace tpmvsc::cli::client {
namespace {

namespace sw = apdu::sw;

constexpr std::uint8_t ins_manage_security_environment = 0x22;
constexpr std::uint8_t ins_perform_operation = 0x2A;
constexpr std::uint8_t ins_activate = 0x44;
constexpr std::uint8_t ins_generate = 0x47;
constexpr std::uint8_t ins_select = 0xA4;
constexpr std::uint8_t ins_get_data = 0xCB;
constexpr std::uint8_t ins_put_data = 0xDB;
constexpr std::uint8_t ins_create = 0xE0;
constexpr std::uint8_t ins_delete = 0xE4;

constexpr std::uint8_t compute = 0x41;
constexpr std::uint8_t no_answer = 0x0C;
constexpr std::uint32_t tag_control_template = 0xAC;
constexpr std::uint32_t tag_algorithm = 0x80;
constexpr std::uint32_t tag_key_reference = 0x83;
constexpr std::uint32_t tag_private_key_reference = 0x84;
constexpr std::uint32_t tag_key_template = 0x70;
constexpr std::uint32_t tag_key_data = 0xA5;

gids::FileId file_of(card::KeySlot slot) {
    return static_cast<gids::FileId>(gids::first_key_file - 1 + slot - 0x80);
}

/// What a key file lets its key be used for: one template for each algorithm reference.
Bytes control_templates(const NewKey& wanted) {
    constexpr std::uint8_t by_pin = 0x40;
    const bool decrypts = wanted.use != KeyUse::signature;
    TlvWriter writer;
    for (const gids::Usage usage : {gids::Usage::decipher, gids::Usage::sign}) {
        if (usage == gids::Usage::decipher && !decrypts) {
            continue;
        }
        for (const std::uint8_t reference : gids::references_of(wanted.algorithm, usage)) {
            writer.open(static_cast<std::uint32_t>(usage))
                .add(tag_algorithm, Bytes{reference})
                .add(tag_key_reference, Bytes{wanted.slot})
                .add(0x95, Bytes{by_pin})
                .close();
        }
    }
    return writer.take();
}

/// The file as OpenSC and Windows make it: the user makes, imports and uses the key, anybody reads
/// its public half.
Bytes key_file(const NewKey& wanted) {
    constexpr std::uint8_t access_mode = 0x8F;
    const gids::Condition use =
        wanted.pin_policy == card::PinPolicy::never ? gids::always : gids::user;
    gids::FileControl file;
    file.id = file_of(wanted.slot);
    file.kind = gids::FileControl::Kind::key;
    file.access_mode = access_mode;
    file.conditions = {gids::user, use, gids::user, gids::always};
    file.control_templates = control_templates(wanted);
    return gids::file_control_parameters(file);
}

/// RSAPrivateKey, RFC 8017 appendix A.1.2.
Bytes rsa_private_key(const RsaNumbers& numbers) {
    const crypto::RsaParts& parts = numbers.parts;
    const Bytes version{0};
    const Bytes exponent{0x01, 0x00, 0x01};
    TlvWriter writer;
    writer.open(0x30);
    for (const ByteView number :
         {ByteView(version), numbers.modulus, ByteView(exponent), numbers.private_exponent, parts.p,
          parts.q, parts.dp, parts.dq, parts.q_inverse}) {
        writer.raw(card::der_unsigned(number));
    }
    return writer.close().take();
}

} // namespace

std::optional<card::PublicKey> GidsCard::public_key(card::KeySlot slot) const {
    const std::string what = "cannot read the public key";
    const Bytes all_of_template{0x7F, 0x49, 0x80};
    TlvWriter writer;
    writer.open(tag_key_template)
        .add(tag_private_key_reference, Bytes{slot})
        .add(tag_key_data, all_of_template)
        .close();
    const auto reply = send(ins_get_data, 0x3F, 0xFF, writer.take());
    if (reply.status == sw::reference_not_found.value) {
        return std::nullopt;
    }
    require_done(what, reply);
    auto key = read_public_key_template(reply.data);
    if (!key) {
        throw malformed(what);
    }
    return key;
}

/// A file that is there already holds a key that is listed nowhere, or none.
void GidsCard::create_key_file(const NewKey& wanted) {
    const std::string what = "cannot make a file for the key";
    if (public_key(wanted.slot) && label(wanted.slot)) {
        throw Failure(ExitCode::failed,
                      "another program has put a key there meanwhile: nothing was "
                      "changed");
    }
    remove_key_file(wanted.slot);
    require_done(what, send(ins_create, 0x00, 0x00, key_file(wanted)));
    require_done(what, send(ins_activate, 0x00, 0x00, {}));
}

void GidsCard::remove_key_file(card::KeySlot slot) {
    const std::string what = "cannot delete the key";
    const auto reply = send(ins_select, 0x00, no_answer, big_endian16(file_of(slot)));
    if (reply.status == sw::file_not_found.value) {
        return;
    }
    require_done(what, reply);
    require_done(what, send(ins_delete, 0x00, 0x00, {}));
}

card::PublicKey GidsCard::generate_in_file(const NewKey& wanted) {
    const std::string what = "cannot make the key";
    TlvWriter writer;
    writer.open(tag_control_template)
        .add(tag_algorithm, Bytes{gids::reference_of(wanted.algorithm)})
        .add(tag_key_reference, Bytes{wanted.slot})
        .close();
    const auto reply = send(ins_generate, 0x00, 0x00, writer.take());
    if (reply.status == sw::function_not_supported.value) {
        throw refusal(what, sw::wrong_data.value); // the TPM has no such keys
    }
    require_done(what, reply);
    auto key = read_public_key_template(reply.data);
    if (!key) {
        throw malformed(what);
    }
    return std::move(*key);
}

void GidsCard::put_key(card::KeySlot slot, const RsaNumbers& numbers) {
    constexpr std::uint8_t rsa = 0x02;
    TlvWriter writer;
    writer.open(tag_key_template)
        .add(tag_private_key_reference, Bytes{slot})
        .open(tag_key_data)
        .add(0x83, Bytes{rsa})
        .add(0x84, Bytes{0x00}) // not encrypted
        .add(0x87, rsa_private_key(numbers))
        .close()
        .close();
    const auto reply = send(ins_put_data, 0x3F, 0xFF, writer.take());
    if (reply.status == sw::function_not_supported.value) {
        throw refusal("cannot import the key", sw::wrong_data.value);
    }
    require_done("cannot import the key", reply);
}

Bytes GidsCard::sign(card::KeySlot slot, card::KeyAlgorithm algorithm, ByteView input) const {
    const std::string what = "cannot use the key";
    const Bytes references = {0x80, 0x01, gids::references_of(algorithm, gids::Usage::sign).front(),
                              0x84, 0x01, slot};
    require_done(what, send(ins_manage_security_environment, compute,
                            static_cast<std::uint8_t>(gids::Usage::sign), references));
    auto reply = send(ins_perform_operation, 0x9E, 0x9A, to_bytes(input));
    require_done(what, reply);
    return card::is_rsa(algorithm) ? std::move(reply.data) : card::ecdsa_der(reply.data);
}

} // namespace tpmvsc::cli::client
