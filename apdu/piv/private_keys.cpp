// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/private_keys.hpp"

#include "apdu/outcome_status.hpp"
#include "apdu/public_key_template.hpp"
#include "base/tlv.hpp"

namespace tpmvsc::piv {

namespace {

namespace sw = apdu::sw;
using apdu::Response;
using apdu::StatusWord;

/// Whether the key in the slot may be used now (SP 800-73-4 part 1 table 4): that there is no such
/// key is told first, since its PIN policy cannot be known.
StatusWord usable(card::Card& card, const KeyReference& reference, card::KeyAlgorithm algorithm,
                  bool pin_just_verified) {
    const auto key = card.key(reference.slot);
    if (!key || key->algorithm != algorithm) {
        return sw::wrong_data;
    }
    if (key->pin_policy != card::PinPolicy::never && !card.logged_in()) {
        return sw::security_status_not_satisfied;
    }
    if (key->pin_policy == card::PinPolicy::always && !pin_just_verified) {
        return sw::security_status_not_satisfied;
    }
    return sw::success;
}

Response answer(const card::KeyOutcome& outcome) {
    if (!outcome.done()) {
        return apdu::status_of(outcome);
    }
    TlvWriter writer;
    writer.open(0x7C).add(0x82, outcome.data).close();
    return Response(writer.take());
}

bool is_uncompressed_point(ByteView point, card::KeyAlgorithm algorithm) {
    constexpr std::uint8_t uncompressed = 0x04;
    return point.size() == 1 + 2 * card::key_bytes(algorithm) && point.front() == uncompressed;
}

} // namespace

Response generate(card::Card& card, const GenerateKey& command, const Options& options) {
    if (!card.supports(command.algorithm) || !may_hold(command.slot, command.algorithm, options)) {
        return sw::wrong_data;
    }
    const card::KeyInfo key =
        card.generate_key(command.slot, command.algorithm, command.pin_policy);
    return Response(apdu::public_key_template(key.public_key));
}

Response perform(card::Card& card, const PrivateOperation& command, bool pin_just_verified) {
    const StatusWord status =
        usable(card, *command.reference, command.algorithm, pin_just_verified);
    if (status != sw::success) {
        return status;
    }
    if (!card::is_rsa(command.algorithm)) {
        return answer(card.ecdsa_sign(command.reference->slot, command.input));
    }
    if (command.input.size() != card::key_bytes(command.algorithm)) {
        return sw::wrong_data;
    }
    return answer(card.rsa_private(command.reference->slot, command.input));
}

Response perform(card::Card& card, const KeyAgreement& command, bool pin_just_verified) {
    const StatusWord status =
        usable(card, *command.reference, command.algorithm, pin_just_verified);
    if (status != sw::success) {
        return status;
    }
    if (!is_uncompressed_point(command.point, command.algorithm)) {
        return sw::wrong_data;
    }
    return answer(card.ecdh(command.reference->slot, command.point));
}

} // namespace tpmvsc::piv
