// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/admin_authentication.hpp"

#include "base/tlv.hpp"

#include <utility>

namespace tpmvsc::piv {

namespace {

namespace sw = apdu::sw;
using apdu::Response;

constexpr std::uint32_t tag_witness = 0x80;
constexpr std::uint32_t tag_challenge = 0x81;
constexpr std::uint32_t tag_response = 0x82;

/// Blocks are short, so every length is one byte: yubico-piv-tool reads the block at offset 4.
Response in_template(std::uint32_t tag, ByteView block) {
    constexpr std::uint32_t dynamic_authentication_template = 0x7C;
    TlvWriter writer;
    writer.open(dynamic_authentication_template).add(tag, block).close();
    return Response(writer.take());
}

} // namespace

apdu::StatusWord AdminAuthentication::refusal(card::AdminAlgorithm algorithm) {
    card::AdminKey& key = card_.admin_key();
    if (key.algorithm() != algorithm) {
        return sw::wrong_data;
    }
    return key.locked_for() > std::chrono::seconds(0) ? sw::authentication_blocked : sw::success;
}

Response AdminAuthentication::begin(card::AdminProof proof, std::uint32_t tag) {
    pending_ = {proof, card_.admin_key().challenge(proof)};
    return in_template(tag, pending_.block);
}

bool AdminAuthentication::conclude(card::AdminProof proof, ByteView answer) {
    const Pending pending = std::exchange(pending_, {});
    session_.reset();
    if (pending.block.empty() || pending.proof != proof) {
        return false;
    }
    session_ = card_.admin_key().check(proof, pending.block, answer);
    return holds();
}

Response AdminAuthentication::answer(const ExternalChallenge& step) {
    const apdu::StatusWord status = refusal(step.algorithm);
    return status == sw::success ? begin(card::AdminProof::encrypts, tag_challenge)
                                 : Response(status);
}

Response AdminAuthentication::answer(const WitnessRequest& step) {
    const apdu::StatusWord status = refusal(step.algorithm);
    return status == sw::success ? begin(card::AdminProof::decrypts, tag_witness)
                                 : Response(status);
}

Response AdminAuthentication::answer(const ExternalResponse& step) {
    const apdu::StatusWord status = refusal(step.algorithm);
    if (status != sw::success) {
        return status;
    }
    return conclude(card::AdminProof::encrypts, step.response) ? sw::success
                                                               : sw::security_status_not_satisfied;
}

Response AdminAuthentication::answer(const WitnessResponse& step) {
    const apdu::StatusWord status = refusal(step.algorithm);
    if (status != sw::success) {
        return status;
    }
    if (!conclude(card::AdminProof::decrypts, step.witness)) {
        return sw::security_status_not_satisfied;
    }
    return in_template(tag_response, session_->encrypt(step.challenge));
}

Response AdminAuthentication::answer(const RandomBlock&) {
    const std::size_t size = card::block_bytes(card_.admin_key().algorithm());
    return in_template(tag_challenge, card_.random(size));
}

} // namespace tpmvsc::piv
