// SPDX-License-Identifier: Apache-2.0
#include "cli/client/gids_card.hpp"

#include "apdu/gids/application.hpp"
#include "apdu/status_word.hpp"
#include "base/crypto.hpp"
#include "base/tlv.hpp"
#include "cli/client/dynamic_authentication.hpp"
#include "cli/client/refusal.hpp"

namespace tpmvsc::cli::client {
namespace {

namespace sw = apdu::sw;

constexpr std::uint8_t ins_verify = 0x20;
constexpr std::uint8_t ins_manage_security_environment = 0x22;
constexpr std::uint8_t ins_change_reference = 0x24;
constexpr std::uint8_t ins_reset_retry_counter = 0x2C;
constexpr std::uint8_t ins_general_authenticate = 0x87;
constexpr std::uint8_t ins_put_data = 0xDB;
constexpr std::uint8_t pin_reference = 0x80;
constexpr std::uint8_t puk_reference = 0x81;
constexpr std::uint8_t admin_key_reference = 0x80;

constexpr std::size_t block_bytes = 8;

/// The first bytes of what the key makes of a block of zeros, by which a card sees that the key has
/// arrived whole.
Bytes check_value(ByteView key) {
    constexpr std::size_t size = 3;
    Bytes block = crypto::block_encrypt(crypto::BlockCipher::tdes, key, Bytes(block_bytes, 0));
    block.resize(size);
    return block;
}

} // namespace

GidsCard::GidsCard(pcsc::Session& session) : session_(session), files_(session) {
    const auto reply = select_application(session, gids::application_identifier());
    if (reply.status == sw::file_terminated.value) {
        throw Failure(ExitCode::unsupported, "this card was terminated: it does nothing any more");
    }
    if (!reply.done()) {
        throw Failure(ExitCode::unsupported, "this card has no GIDS application");
    }
}

pcsc::Reply GidsCard::send(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, Bytes data) const {
    return exchange(session_, {ins, p1, p2, std::move(data)});
}

/// The value that the card knows and the new one have nothing between them: it knows the length of
/// the one.
PinAnswer GidsCard::show_both(std::uint8_t ins, std::uint8_t reference, ByteView known,
                              ByteView fresh) {
    session_.reset_at_end();
    return read_pin_answer(send(ins, 0x00, reference, concat({known, fresh})).status);
}

PinAnswer GidsCard::verify_pin(ByteView pin) {
    session_.reset_at_end();
    return read_pin_answer(send(ins_verify, 0x00, pin_reference, to_bytes(pin)).status);
}

PinAnswer GidsCard::change_pin(ByteView old_pin, ByteView new_pin) {
    return show_both(ins_change_reference, pin_reference, old_pin, new_pin);
}

PinAnswer GidsCard::change_puk(ByteView old_puk, ByteView new_puk) {
    return show_both(ins_change_reference, puk_reference, old_puk, new_puk);
}

PinAnswer GidsCard::reset_pin(ByteView puk, ByteView new_pin) {
    return show_both(ins_reset_retry_counter, pin_reference, puk, new_pin);
}

/// External authentication: the card's challenge comes back encrypted.
void GidsCard::show_admin_key(ByteView key) {
    const std::string what = "cannot show the admin key";
    session_.reset_at_end();
    require_done(
        what, send(ins_manage_security_environment, 0x81, 0xA4, {0x83, 0x01, admin_key_reference}));
    auto reply = send(ins_general_authenticate, 0x00, 0x00,
                      authentication_template({{authentication::challenge, {}}}));
    require_done(what, reply);
    const auto challenge = in_authentication_template(reply.data, authentication::challenge);
    if (!challenge || challenge->size() != block_bytes) {
        throw malformed(what);
    }
    const Bytes answer = crypto::block_encrypt(crypto::BlockCipher::tdes, key, *challenge);
    reply = send(ins_general_authenticate, 0x00, 0x00,
                 authentication_template({{authentication::response, answer}}));
    if (reply.status == sw::security_status_not_satisfied.value) {
        throw Failure(ExitCode::not_authorised, "wrong admin key");
    }
    require_done(what, reply);
}

void GidsCard::set_admin_key(ByteView key) {
    TlvWriter writer;
    writer.open(0x70)
        .add(0x84, Bytes{admin_key_reference})
        .open(0xA5)
        .add(0x87, key)
        .add(0x88, check_value(key))
        .close()
        .close();
    require_done("cannot change the admin key", send(ins_put_data, 0x3F, 0xFF, writer.take()));
}

} // namespace tpmvsc::cli::client
