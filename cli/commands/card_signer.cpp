// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_signer.hpp"

#include "cli/client/public_key_objects.hpp"
#include "cli/client/refusal.hpp"
#include "cli/commands/card_in_use.hpp"

namespace tpmvsc::cli {
namespace {

Failure no_key(const Slot& slot) {
    return {ExitCode::failed, "there is no key in " + slot_title(slot) +
                                  ": make one with \"tpmvsc key generate\" first"};
}

} // namespace

admin::KeyStatus require_key(const ChosenCard& card, const Slot& slot) {
    const auto key = key_in(card, slot.number);
    if (!key) {
        throw no_key(slot);
    }
    return *key;
}

x509::Signer signer_of(client::KeyCard& card, const Slot& slot,
                       const Authorisation& authorisation) {
    auto key = card.public_key(slot.number);
    if (!key) {
        throw no_key(slot);
    }
    const auto algorithm = client::algorithm_of(*key);
    if (!algorithm) {
        throw client::malformed("cannot read the public key");
    }
    const auto apply = [&card, &authorisation, number = slot.number,
                        kind = *algorithm](ByteView input) {
        authorisation.show_for_signature(card);
        return card.sign(number, kind, input);
    };
    return {*algorithm, std::move(*key), apply};
}

} // namespace tpmvsc::cli
