// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/admin_authentication.hpp"

#include "base/crypto.hpp"
#include "base/tlv.hpp"

#include <utility>

namespace tpmvsc::gids {

namespace {

namespace sw = apdu::sw;
using apdu::Response;

constexpr std::size_t block_bytes = 8;
constexpr std::size_t random_bytes = 16;
constexpr std::size_t key_material_bytes = 7;
/// ISO 9797-1 padding method 2 with room for one byte.
constexpr std::uint8_t padding = 0x80;

constexpr std::uint32_t tag_challenge = 0x81;
constexpr std::uint32_t tag_response = 0x82;

Response in_template(std::uint32_t tag, ByteView value) {
    TlvWriter writer;
    return Response(writer.open(0x7C).add(tag, value).close().take());
}

/// True when the rest of the decrypted cryptogram is as the protocol has it: both random numbers,
/// the host's key material, one byte of padding.
bool proves(ByteView plain, ByteView card_random, ByteView host_random) {
    return equal_secret(plain.first(random_bytes), card_random) &&
           equal_secret(plain.subspan(random_bytes, random_bytes), host_random) &&
           plain.back() == padding;
}

} // namespace

apdu::StatusWord AdminAuthentication::readiness() {
    if (!selected_) {
        return sw::conditions_not_satisfied;
    }
    const bool locked = card_.admin_key().locked_for() > std::chrono::seconds(0);
    return locked ? sw::authentication_blocked : sw::success;
}

apdu::StatusWord AdminAuthentication::answer(const SelectAdminKey&) {
    cancel();
    selected_ = true;
    return sw::success;
}

Response AdminAuthentication::answer(const ExternalChallenge&) {
    cancel();
    if (const auto status = readiness(); status != sw::success) {
        return status;
    }
    const Bytes challenge = card_.admin_key().challenge(card::AdminProof::encrypts);
    pending_ = External{challenge};
    return in_template(tag_challenge, challenge);
}

Response AdminAuthentication::answer(const ExternalResponse& step) {
    const auto pending = std::exchange(pending_, std::monostate{});
    const auto* const asked = std::get_if<External>(&pending);
    if (asked == nullptr) {
        return sw::conditions_not_satisfied;
    }
    session_.reset();
    if (const auto status = readiness(); status != sw::success) {
        return status;
    }
    session_ =
        card_.admin_key().check(card::AdminProof::encrypts, asked->challenge, step.cryptogram);
    return session_ ? sw::success : sw::security_status_not_satisfied;
}

/// The card's random number begins with the block that the admin key is opened by: in CBC mode from
/// a zero block, its cipher stands alone at the beginning of the host's cryptogram.
Response AdminAuthentication::answer(const MutualChallenge& step) {
    cancel();
    if (const auto status = readiness(); status != sw::success) {
        return status;
    }
    Bytes card_random = card_.admin_key().challenge(card::AdminProof::encrypts);
    append(card_random, crypto::random_bytes(random_bytes - card_random.size()));
    pending_ = Mutual{card_random, to_bytes(step.host_random)};
    return in_template(tag_challenge, card_random);
}

Response AdminAuthentication::answer(const MutualResponse& step) {
    const auto pending = std::exchange(pending_, std::monostate{});
    const auto* const asked = std::get_if<Mutual>(&pending);
    if (asked == nullptr) {
        return sw::conditions_not_satisfied;
    }
    session_.reset();
    if (const auto status = readiness(); status != sw::success) {
        return status;
    }
    auto session = card_.admin_key().check(card::AdminProof::encrypts,
                                           ByteView(asked->card_random).first(block_bytes),
                                           step.cryptogram.first(block_bytes));
    if (!session) {
        return sw::security_status_not_satisfied;
    }
    Bytes plain = session->decrypt(step.cryptogram);
    const bool proven = proves(plain, asked->card_random, asked->host_random);
    wipe(plain);
    if (!proven) {
        return sw::security_status_not_satisfied;
    }
    const Bytes reply =
        session->encrypt(concat({asked->host_random, asked->card_random,
                                 crypto::random_bytes(key_material_bytes), Bytes{padding}}));
    session_ = std::move(session);
    return in_template(tag_response, reply);
}

void AdminAuthentication::end() {
    cancel();
    selected_ = false;
    session_.reset();
}

} // namespace tpmvsc::gids
