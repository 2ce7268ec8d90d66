// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_signer.hpp"

#include "cli/commands/card_in_use.hpp"
#include "cli/commands/known_secret.hpp"
#include "cli/commands/slot.hpp"

namespace tpmvsc::cli {
namespace {

Failure no_key(card::KeySlot slot) {
    return {ExitCode::failed, "there is no key in " + slot_title(slot) +
                                  ": make one with \"tpmvsc key generate\" first"};
}

} // namespace

admin::KeyStatus require_key(const ChosenCard& card, card::KeySlot slot) {
    const auto key = key_in(card, slot);
    if (!key) {
        throw no_key(slot);
    }
    return *key;
}

SecretBytes read_pin_for(const admin::KeyStatus& key, const std::string& source,
                         const ChosenCard& card) {
    return key.pin_policy == card::PinPolicy::never ? SecretBytes() : read_known_pin(source, card);
}

x509::Signer signer_of(client::PivCard& card, card::KeySlot slot, const SecretBytes& pin) {
    const auto key = card.key(slot);
    if (!key) {
        throw no_key(slot);
    }
    const auto apply = [&card, &pin, slot, algorithm = key->algorithm](ByteView input) {
        if (!pin.empty()) {
            const client::PinAnswer answer = card.verify_pin(pin.view());
            if (!answer.right()) {
                throw client::pin_failure(client::Secret::pin, answer);
            }
        }
        return card::is_rsa(algorithm) ? card.rsa_private(slot, algorithm, input)
                                       : card.ecdsa_sign(slot, algorithm, input);
    };
    return {key->algorithm, key->public_key, apply};
}

} // namespace tpmvsc::cli
