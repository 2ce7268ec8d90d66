// SPDX-License-Identifier: Apache-2.0
#include "cli/client/piv_card.hpp"

#include "apdu/piv/application.hpp"
#include "apdu/piv/piv_objects.hpp"
#include "apdu/status_word.hpp"
#include "base/tlv.hpp"
#include "cli/client/dynamic_authentication.hpp"
#include "cli/client/refusal.hpp"
#include "cli/output.hpp"

#include <algorithm>

namespace tpmvsc::cli::client {
namespace {

namespace sw = apdu::sw;

constexpr std::uint8_t ins_verify = 0x20;
constexpr std::uint8_t ins_change_reference = 0x24;
constexpr std::uint8_t ins_reset_retry_counter = 0x2C;
constexpr std::uint8_t ins_general_authenticate = 0x87;
constexpr std::uint8_t ins_get_data = 0xCB;
constexpr std::uint8_t ins_put_data = 0xDB;
constexpr std::uint8_t ins_get_metadata = 0xF7;
constexpr std::uint8_t ins_set_admin_key = 0xFF;
constexpr std::uint8_t no_touch = 0xFF;

constexpr std::uint32_t tag_list = 0x5C;
constexpr std::uint32_t tag_contents = 0x53;

/// PIN and PUK travel in eight bytes, filled up with FF (SP 800-73-4 part 2 section 2.4.3). Longer
/// values are none: what calls has looked at them.
Bytes padded(ByteView value) {
    constexpr std::size_t size = 8;
    Bytes field(size, 0xFF);
    std::copy_n(value.begin(), std::min(size, value.size()), field.begin());
    return field;
}

Bytes pair(ByteView known, ByteView fresh) {
    return concat({padded(known), padded(fresh)});
}

Bytes tag_bytes(std::uint32_t tag) {
    Bytes bytes = big_endian32(tag);
    while (bytes.size() > 1 && bytes.front() == 0) {
        bytes.erase(bytes.begin());
    }
    return bytes;
}

crypto::BlockCipher cipher_of(card::AdminAlgorithm algorithm) {
    return algorithm == card::AdminAlgorithm::tdes ? crypto::BlockCipher::tdes
                                                   : crypto::BlockCipher::aes;
}

Failure wrong_admin_key() {
    return {ExitCode::not_authorised, "wrong admin key"};
}

} // namespace

PivCard::PivCard(pcsc::Session& session) : session_(session) {
    if (!select_application(session, piv::application_identifier()).done()) {
        throw Failure(ExitCode::unsupported, "this card has no PIV application");
    }
}

pcsc::Reply PivCard::send(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, Bytes data) const {
    return exchange(session_, {ins, p1, p2, std::move(data)});
}

PinAnswer PivCard::verify_pin(ByteView pin) {
    session_.reset_at_end();
    return read_pin_answer(send(ins_verify, 0, piv::pin_reference, padded(pin)).status);
}

PinAnswer PivCard::change_pin(ByteView old_pin, ByteView new_pin) {
    session_.reset_at_end();
    return read_pin_answer(
        send(ins_change_reference, 0, piv::pin_reference, pair(old_pin, new_pin)).status);
}

PinAnswer PivCard::change_puk(ByteView old_puk, ByteView new_puk) {
    return read_pin_answer(
        send(ins_change_reference, 0, piv::puk_reference, pair(old_puk, new_puk)).status);
}

PinAnswer PivCard::reset_pin(ByteView puk, ByteView new_pin) {
    session_.reset_at_end();
    return read_pin_answer(
        send(ins_reset_retry_counter, 0, piv::pin_reference, pair(puk, new_pin)).status);
}

card::AdminAlgorithm PivCard::admin_algorithm() const {
    const std::string what = "cannot ask for the kind of admin key";
    const auto reply = send(ins_get_metadata, 0, piv::admin_key_reference);
    require_done(what, reply);
    const auto object = TlvReader(reply.data).find(0x01);
    const auto algorithm = object && object->value.size() == 1
                               ? piv::admin_algorithm(object->value.front())
                               : std::nullopt;
    if (!algorithm) {
        throw malformed(what);
    }
    return *algorithm;
}

/// Mutual authentication, SP 800-73-4 part 2 appendix A.1: the card's witness is decrypted for it,
/// and it encrypts a challenge of ours.
void PivCard::show_admin_key(ByteView key) {
    const std::string what = "cannot show the admin key";
    const card::AdminAlgorithm algorithm = admin_algorithm();
    if (key.size() != card::key_bytes(algorithm)) {
        throw wrong_admin_key();
    }
    session_.reset_at_end();
    const std::uint8_t identifier = piv::identifier_of(algorithm);
    auto reply = send(ins_general_authenticate, identifier, piv::admin_key_reference,
                      authentication_template({{authentication::witness, {}}}));
    require_done(what, reply);
    const std::size_t block = card::block_bytes(algorithm);
    const auto witness = in_authentication_template(reply.data, authentication::witness);
    if (!witness || witness->size() != block) {
        throw malformed(what);
    }
    const Bytes challenge = crypto::random_bytes(block);
    const Bytes opened = crypto::block_decrypt(cipher_of(algorithm), key, *witness);
    reply = send(ins_general_authenticate, identifier, piv::admin_key_reference,
                 authentication_template(
                     {{authentication::witness, opened}, {authentication::challenge, challenge}}));
    if (reply.status == sw::security_status_not_satisfied.value) {
        throw wrong_admin_key();
    }
    require_done(what, reply);
    const auto response = in_authentication_template(reply.data, authentication::response);
    if (!response ||
        !equal_secret(*response, crypto::block_encrypt(cipher_of(algorithm), key, challenge))) {
        throw Failure(ExitCode::not_authorised, "the card does not know its own admin key");
    }
}

void PivCard::set_admin_key(card::AdminAlgorithm algorithm, ByteView key) {
    TlvWriter writer;
    writer.raw(Bytes{piv::identifier_of(algorithm)}).add(piv::admin_key_reference, key);
    require_done("cannot change the admin key",
                 send(ins_set_admin_key, no_touch, no_touch, writer.take()));
}

std::optional<Bytes> PivCard::read_object(std::uint32_t tag) const {
    const std::string what = "cannot read object " + to_hex(tag_bytes(tag));
    TlvWriter writer;
    writer.add(tag_list, tag_bytes(tag));
    const auto reply = send(ins_get_data, 0x3F, 0xFF, writer.take());
    if (reply.status == sw::file_not_found.value) {
        return std::nullopt;
    }
    require_done(what, reply);
    if (tag == piv::tag_discovery) { // it comes as it is
        return reply.data;
    }
    const auto objects = parse_all(reply.data);
    if (!objects || objects->size() != 1) {
        throw malformed(what);
    }
    if (objects->front().value.empty()) {
        return std::nullopt;
    }
    return to_bytes(objects->front().value);
}

void PivCard::write_object(std::uint32_t tag, ByteView contents) {
    TlvWriter writer;
    if (tag == piv::tag_biometric_group) {
        writer.add(tag, contents);
    } else {
        writer.add(tag_list, tag_bytes(tag)).add(tag_contents, contents);
    }
    require_done("cannot write object " + to_hex(tag_bytes(tag)),
                 send(ins_put_data, 0x3F, 0xFF, writer.take()));
}

} // namespace tpmvsc::cli::client
