// SPDX-License-Identifier: Apache-2.0
#include "card/card_state.hpp"

#include "card/personalisation.hpp"

namespace tpmvsc::card {

bool Card::is_blank() {
    if (!state_->blank)
        state_->blank = state_->files().read(Personalisation::file).has_value();
    return *state_->blank;
}

PinOutcome Card::set_initial(PinKind kind, ByteView value) {
    auto values = Personalisation::read(state_->files());
    const PinRecord& pins = state_->pins();
    if (!values || (kind == PinKind::puk && !pins.puk))
        return {PinOutcome::Result::absent, 0};
    const tpm::PinIndex& index = kind == PinKind::pin ? pins.pin : *pins.puk;
    Personalisation::Value& known = kind == PinKind::pin ? values->pin : values->puk;
    logout();
    tpm::PinCheck check{};
    const auto change_from = [&](const SecretBytes& old_value, const SecretBytes& new_value) {
        state_->with_tpm([&](tpm::Connection& connection) {
            check = tpm::change_pin(connection, state_->parent, index, old_value.view(),
                                    new_value.view());
        });
    };
    const SecretBytes fresh = state_->auth_value(value);
    if (!equal_secret(known.now.view(), known.next.view())) {
        // Interrupted before: find out which of the two it is, and settle that first.
        change_from(known.now, known.now);
        if (check == tpm::PinCheck::wrong) {
            change_from(known.next, known.next);
            known.now = known.next.clone();
        }
        if (check != tpm::PinCheck::right)
            return {to_result(check), tries(kind).left};
    }
    known.next = fresh.clone();
    values->write(state_->files());
    change_from(known.now, known.next);
    if (check != tpm::PinCheck::right)
        return {to_result(check), tries(kind).left};
    known.now = fresh.clone();
    values->write(state_->files());
    state_->forget_tries();
    note_new_value(kind, value);
    return {PinOutcome::Result::right, tries(kind).left};
}

std::optional<AdminSession> Card::initial_admin_session() {
    auto values = Personalisation::read(state_->files());
    if (!values)
        return std::nullopt;
    return AdminSession(admin_key().algorithm(), {}, std::move(values->authority));
}

void Card::activate() {
    Personalisation::remove(state_->files());
    state_->blank = false;
}

} // namespace tpmvsc::card
