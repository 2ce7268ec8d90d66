// SPDX-License-Identifier: Apache-2.0
#include "card/card_state.hpp"

#include "card/personalisation.hpp"

namespace tpmvsc::card {

/// The TPM has the last word: a file that was put back opens nothing, and an activation that was
/// interrupted is one.
bool Card::is_blank() {
    if (!state_->blank) {
        const auto record = PersonalisationRecord::read(state_->files());
        bool open = false;
        if (record)
            state_->with_tpm([&](tpm::Connection& connection) {
                open = Personalisation::is_open(connection, state_->parent, *record);
            });
        state_->blank = open;
    }
    return *state_->blank;
}

std::optional<Personalisation> Card::State::personalisation(const PersonalisationRecord& record) {
    const SecretBytes gate_auth = auth_value(record.gate_value);
    std::optional<Personalisation> values;
    with_tpm([&](tpm::Connection& connection) {
        values = Personalisation::open(connection, parent, record, gate_auth.view());
    });
    return values;
}

PinOutcome Card::set_initial(PinKind kind, ByteView value) {
    auto record = PersonalisationRecord::read(state_->files());
    auto values = record ? state_->personalisation(*record) : std::nullopt;
    if (!values || (kind == PinKind::puk && !state_->pins().puk))
        return {PinOutcome::Result::absent, 0};
    if (!state_->takes(kind, value))
        return {PinOutcome::Result::refused, 0};
    std::optional<PinHistory> history;
    if (kind == PinKind::pin && state_->rules().history != 0) {
        history.emplace(state_->new_history()); // that of a card in use begins with this PIN
        history->note(value);
        history->store(state_->files(), state_->parent, state_->tpm_runner());
    }
    logout();
    state_->forget_tries();
    state_->announce_value(kind, value);
    const tpm::PinCheck check = kind == PinKind::pin
                                    ? state_->set_initial_pin(*values, value)
                                    : state_->set_initial_puk(*record, *values, value);
    state_->forget_tries();
    if (check == tpm::PinCheck::right) {
        state_->note_value(kind, value);
        if (history)
            state_->confirm(*history);
    }
    return state_->outcome(kind, to_result(check));
}

/// Unblocks it by whoever may: no former PIN is needed, and none that was guessed at is in the way.
tpm::PinCheck Card::State::set_initial_pin(const Personalisation& values, ByteView value) {
    const SecretBytes fresh = auth_value(value);
    tpm::PinCheck check = tpm::PinCheck::right;
    if (!pins().puk) {
        const tpm::Authority authority = AdminRecord::read(files()).authority;
        with_tpm([&](tpm::Connection& connection) {
            tpm::unblock_pin(connection, parent, pins().pin, authority, values.authority.view(),
                             fresh.view());
        });
        return check;
    }
    for (const SecretBytes* puk : {&values.puk, &values.next_puk}) {
        with_tpm([&](tpm::Connection& connection) {
            check = tpm::unblock_pin(connection, parent, pins().pin, *pins().puk, puk->view(),
                                     fresh.view());
        });
        if (check != tpm::PinCheck::wrong)
            break;
    }
    return check;
}

tpm::PinCheck Card::State::set_initial_puk(PersonalisationRecord& record, Personalisation& values,
                                           ByteView value) {
    tpm::PinCheck check = tpm::PinCheck::right;
    const auto change = [&](const SecretBytes& from, const SecretBytes& to) {
        with_tpm([&](tpm::Connection& connection) {
            check = tpm::change_pin(connection, parent, *pins().puk, from.view(), to.view());
        });
        return check == tpm::PinCheck::right;
    };
    const auto keep = [&] {
        with_tpm([&](tpm::Connection& connection) { values.seal(connection, parent, record); });
        record.write(files());
    };
    if (!equal_secret(values.puk.view(), values.next_puk.view())) {
        // Interrupted before: find out which of the two it is.
        if (!change(values.puk, values.puk)) {
            if (!change(values.next_puk, values.next_puk))
                return check;
            values.puk = values.next_puk.clone();
        }
    }
    values.next_puk = auth_value(value);
    keep();
    if (!change(values.puk, values.next_puk))
        return check;
    values.puk = values.next_puk.clone();
    keep();
    return check;
}

std::optional<AdminSession> Card::initial_admin_session() {
    const auto record = PersonalisationRecord::read(state_->files());
    auto values = record ? state_->personalisation(*record) : std::nullopt;
    if (!values)
        return std::nullopt;
    return AdminSession(admin_key().algorithm(), {}, std::move(values->authority));
}

void Card::activate() {
    const auto record = PersonalisationRecord::read(state_->files());
    if (record)
        state_->with_tpm([&](tpm::Connection& connection) {
            if (Personalisation::is_open(connection, state_->parent, *record))
                Personalisation::shut(connection, state_->parent, *record);
        });
    state_->blank = false;
    state_->files().remove(PersonalisationRecord::file);
}

} // namespace tpmvsc::card
