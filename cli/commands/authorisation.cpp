// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/authorisation.hpp"

#include "cli/commands/known_secret.hpp"

namespace tpmvsc::cli {
namespace {

struct Needs {
    bool pin = false;
    bool admin_key = false;
};

Needs needs_of(const Deed& deed, card::Profile profile, bool admin_key_given) {
    const bool signs = deed.signs_with && deed.signs_with->pin_policy != card::PinPolicy::never;
    if (profile == card::Profile::piv) {
        return {signs, deed.makes_key || deed.writes};
    }
    const bool user = signs || deed.makes_key;
    return {user || (deed.writes && !admin_key_given), !user && deed.writes && admin_key_given};
}

std::string source(const std::string& given) {
    return given.empty() ? "prompt" : given;
}

void verify(client::KeyCard& card, const SecretBytes& pin) {
    const client::PinAnswer answer = card.verify_pin(pin.view());
    if (!answer.right()) {
        throw client::pin_failure(client::Secret::pin, answer);
    }
}

} // namespace

Authorisation::Authorisation(const SecretSources& sources, const ChosenCard& card,
                             const Deed& deed) {
    const Needs needs = needs_of(deed, card.status.identity.profile, !sources.admin_key.empty());
    if (needs.pin) {
        pin_ = read_known_pin(source(sources.pin), card);
    }
    if (needs.admin_key) {
        admin_key_ = read_known_admin_key(source(sources.admin_key), card);
    }
    for_each_signature_ = deed.signs_with && deed.signs_with->pin_policy == card::PinPolicy::always;
}

void Authorisation::show(client::KeyCard& card) const {
    if (!pin_.empty()) {
        verify(card, pin_);
    }
    if (!admin_key_.empty()) {
        card.show_admin_key(admin_key_.view());
    }
}

void Authorisation::show_for_signature(client::KeyCard& card) const {
    if (for_each_signature_) {
        verify(card, pin_);
    }
}

} // namespace tpmvsc::cli
