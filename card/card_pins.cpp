// SPDX-License-Identifier: Apache-2.0
#include "card/card_state.hpp"

#include "base/log.hpp"
#include "card/errors.hpp"
#include "card/pin_complaint.hpp"
#include "card/well_known.hpp"

#include <utility>

namespace tpmvsc::card {

PinOutcome::Result to_result(tpm::PinCheck check) {
    switch (check) {
    case tpm::PinCheck::right:
        return PinOutcome::Result::right;
    case tpm::PinCheck::wrong:
        return PinOutcome::Result::wrong;
    case tpm::PinCheck::blocked:
        return PinOutcome::Result::blocked;
    case tpm::PinCheck::locked:
        return PinOutcome::Result::locked;
    }
    return PinOutcome::Result::wrong;
}

namespace {

/// NotesOf are the parts of the record that say something of a value.
struct NotesOf {
    NotesOf(PinRecord& record, PinKind kind)
        : is_default(kind == PinKind::pin ? record.pin_is_default : record.puk_is_default),
          length(kind == PinKind::pin ? record.pin_length : record.puk_length),
          next_length(kind == PinKind::pin ? record.next_pin_length : record.next_puk_length) {}
    bool& is_default;
    std::uint32_t& length; ///< zero on cards that need not know it
    std::uint32_t& next_length;
};

} // namespace

PinRecord& Card::State::pins() {
    if (!pin_record)
        pin_record = PinRecord::read(files());
    return *pin_record;
}

const PinRules& Card::State::rules() {
    if (!pin_rules)
        pin_rules = PinRules::read(files());
    return *pin_rules;
}

/// When the count was not known it stays unknown until tries() asks for it; a wrong value then has
/// to ask at once.
void Card::State::count(PinKind kind, tpm::PinCheck check) {
    std::optional<PinTries>& tries = kind == PinKind::pin ? pin_tries : puk_tries;
    const tpm::PinIndex& index = kind == PinKind::pin ? pins().pin : *pins().puk;
    switch (check) {
    case tpm::PinCheck::right:
        tries = PinTries{index.limit, index.limit};
        return;
    case tpm::PinCheck::blocked:
        tries = PinTries{0, index.limit};
        return;
    case tpm::PinCheck::wrong:
        if (tries && tries->left > 0)
            --tries->left;
        return;
    case tpm::PinCheck::locked:
        return;
    }
}

std::chrono::seconds Card::State::session_life() {
    return rules().session.count() != 0 ? rules().session : pin_session;
}

PinOutcome Card::verify_pin(ByteView pin) {
    const SecretBytes value = state_->auth_value(pin);
    const tpm::PinIndex& index = state_->pins().pin;
    const std::chrono::seconds life = state_->session_life();
    logout();
    tpm::Ticket ticket;
    tpm::PinCheck check{};
    state_->with_tpm([&](tpm::Connection& connection) {
        check = tpm::check_pin(connection, state_->parent, index, value.view(), life, &ticket);
    });
    state_->count(PinKind::pin, check);
    if (check == tpm::PinCheck::right) {
        const BootTime now = state_->clock();
        state_->login = Login{std::move(ticket), now.since + life, now.since,
                              state_->rules().inactivity, now.asleep};
        state_->note_value(PinKind::pin, pin);
    }
    return state_->outcome(PinKind::pin, to_result(check));
}

bool Card::logged_in() const {
    if (!state_->login)
        return false;
    const BootTime now = state_->clock();
    return now.since < state_->login->ends && !state_->login->is_ended(now);
}

std::chrono::seconds Card::session_life() {
    return state_->session_life();
}

void Card::logout() {
    state_->login.reset();
}

PinTries Card::tries(PinKind kind) {
    return state_->tries(kind);
}

PinTries Card::State::tries(PinKind kind) {
    if (kind == PinKind::puk && !pins().puk)
        return {};
    if (!counts())
        return lockout_tries();
    std::optional<PinTries>& known = kind == PinKind::pin ? pin_tries : puk_tries;
    if (!known) {
        const tpm::PinIndex& index = kind == PinKind::pin ? pins().pin : *pins().puk;
        tpm::PinCount in_tpm;
        with_tpm([&](tpm::Connection& connection) {
            in_tpm = tpm::read_count(connection, parent, index);
        });
        const std::uint32_t left = in_tpm.used < in_tpm.limit ? in_tpm.limit - in_tpm.used : 0;
        known = PinTries{left, in_tpm.limit};
    }
    return *known;
}

PinOutcome Card::State::outcome(PinKind kind, PinOutcome::Result result) {
    if (!counts())
        return lockout_outcome(result);
    return {result, tries(kind).left};
}

PinOutcome Card::change(PinKind kind, ByteView old_value, ByteView new_value) {
    if (kind == PinKind::puk && !state_->pins().puk)
        return {PinOutcome::Result::absent, 0};
    if (!state_->takes(kind, new_value))
        return {PinOutcome::Result::refused, 0};
    const bool remembered = kind == PinKind::pin && state_->rules().history != 0;
    const PinOutcome::Result result = remembered ? state_->change_remembered(old_value, new_value)
                                                 : state_->change_bare(kind, old_value, new_value);
    if (kind == PinKind::pin && result == PinOutcome::Result::right)
        return verify_pin(new_value);
    return state_->outcome(kind, result);
}

PinOutcome::Result Card::State::change_bare(PinKind kind, ByteView old_value, ByteView new_value) {
    const tpm::PinIndex& index = kind == PinKind::pin ? pins().pin : *pins().puk;
    const SecretBytes old_auth = auth_value(old_value);
    const SecretBytes new_auth = auth_value(new_value);
    const auto former = announce_value(kind, new_value);
    if (kind == PinKind::pin)
        login.reset();
    tpm::PinCheck check{};
    with_tpm([&](tpm::Connection& connection) {
        check = tpm::change_pin(connection, parent, index, old_auth.view(), new_auth.view());
    });
    count(kind, check);
    if (check == tpm::PinCheck::right)
        note_value(kind, new_value);
    else
        withdraw_value(former);
    return to_result(check);
}

PinOutcome Card::reset_pin_by_puk(ByteView puk, ByteView new_pin) {
    if (!state_->pins().puk)
        return {PinOutcome::Result::absent, 0};
    if (!state_->takes(PinKind::pin, new_pin))
        return {PinOutcome::Result::refused, 0};
    const PinOutcome::Result result = state_->rules().history != 0
                                          ? state_->reset_remembered(puk, new_pin)
                                          : state_->reset_bare(puk, new_pin);
    return state_->outcome(PinKind::puk, result);
}

PinOutcome::Result Card::State::reset_bare(ByteView puk, ByteView new_pin) {
    PinRecord& now = pins();
    const SecretBytes puk_auth = auth_value(puk);
    const SecretBytes new_auth = auth_value(new_pin);
    const auto former = announce_value(PinKind::pin, new_pin);
    login.reset();
    tpm::PinCheck check{};
    with_tpm([&](tpm::Connection& connection) {
        check = tpm::unblock_pin(connection, parent, now.pin, *now.puk, puk_auth.view(),
                                 new_auth.view());
    });
    count(PinKind::puk, check);
    if (check == tpm::PinCheck::right) {
        pin_tries = PinTries{now.pin.limit, now.pin.limit};
        note_value(PinKind::puk, puk);
        note_value(PinKind::pin, new_pin);
    } else {
        withdraw_value(former);
    }
    return to_result(check);
}

ResetParties Card::reset_parties() {
    const PinRecord& pins = state_->pins();
    return {pins.puk.has_value(), pins.admin_resets_pin, !pins.reset_authority.empty()};
}

Bytes Card::reset_authority() {
    return state_->pins().reset_authority;
}

AntiHammering Card::anti_hammering() {
    return state_->counts() ? AntiHammering::counter : AntiHammering::lockout;
}

const PinRules& Card::pin_rules() {
    return state_->rules();
}

namespace {

bool allow_well_known_values(const PinRules& rules, Profile profile) {
    const auto allowed = [&](PinKind kind) {
        return !complaint_about_rules(rules, kind, as_bytes(well_known_value(kind, profile)));
    };
    return allowed(PinKind::pin) && allowed(PinKind::puk);
}

} // namespace

bool Card::set_pin_rules(const AdminSession& /*proof*/, const PinRules& rules) {
    if (!can_be_kept(rules, identity().profile) || rules.history != state_->rules().history)
        return false;
    if (can_set_tries() && !allow_well_known_values(rules, identity().profile))
        return false; // setting the tries puts them in place
    rules.write(state_->files());
    state_->pin_rules = rules;
    return true;
}

PinOutcome Card::reset_pin_by_admin(const AdminSession& admin, ByteView new_pin) {
    if (!reset_parties().admin_key)
        return {PinOutcome::Result::absent, 0};
    const tpm::Authority authority = admin_key().authority();
    const PinOutcome::Result result =
        state_->set_pin(new_pin, state_->by_authority(authority, admin.authority_value(), new_pin));
    return state_->outcome(PinKind::pin, result);
}

bool Card::can_set_tries() {
    return !state_->pins().pin.set_limit.policy.empty();
}

PinOutcome Card::set_tries(const AdminSession& admin, unsigned pin_tries, unsigned puk_tries) {
    if (!logged_in() || !can_set_tries())
        return {PinOutcome::Result::absent, 0};
    bool holds = false;
    state_->with_tpm([&](tpm::Connection& connection) {
        holds = tpm::ticket_holds(connection, state_->parent, state_->pins().pin,
                                  state_->login->ticket);
    });
    if (!holds) { // the TPM has ended the login; nothing was written yet
        logout();
        return {PinOutcome::Result::absent, 0};
    }
    const Profile profile = state_->identity_file.identity.profile;
    const ByteView new_pin = as_bytes(well_known_value(PinKind::pin, profile));
    const ByteView new_puk = as_bytes(well_known_value(PinKind::puk, profile));
    if (!state_->takes(PinKind::pin, new_pin) || !state_->takes(PinKind::puk, new_puk))
        return {PinOutcome::Result::refused, 0};
    auto history = state_->note_in_history(new_pin);
    // Interrupted in the middle, the well-known values may be in force: better one warning too
    // many. And where nothing can be stored, nothing is changed.
    PinRecord changed = state_->pins();
    changed.pin_is_default = true;
    changed.puk_is_default = changed.puk.has_value();
    changed.write(state_->files());
    state_->pin_record = std::move(changed);
    PinRecord& pins = state_->pins();
    const SecretBytes pin_value = state_->auth_value(new_pin);
    const SecretBytes puk_value = state_->auth_value(new_puk);
    const tpm::Authority authority = admin_key().authority();
    state_->with_tpm([&](tpm::Connection& connection) {
        tpm::set_limits(connection, state_->parent, pins.pin, pins.puk ? &*pins.puk : nullptr,
                        {state_->login->ticket, authority, admin.authority_value(), pin_tries,
                         pin_value.view(), puk_tries, puk_value.view()});
    });
    logout();
    pins.pin.limit = pin_tries;
    if (pins.puk)
        pins.puk->limit = puk_tries;
    state_->write_pins();
    if (history)
        state_->confirm(*history);
    state_->pin_tries = PinTries{pin_tries, pin_tries};
    state_->puk_tries.reset();
    return {PinOutcome::Result::right, pin_tries};
}

bool Card::is_default(PinKind kind) {
    const PinRecord& pins = state_->pins();
    return kind == PinKind::pin ? pins.pin_is_default : pins.puk && pins.puk_is_default;
}

std::vector<std::size_t> Card::lengths_of(PinKind kind) {
    const PinRecord& pins = state_->pins();
    const bool pin = kind == PinKind::pin;
    std::vector<std::size_t> lengths;
    for (const std::uint32_t length : {pin ? pins.pin_length : pins.puk_length,
                                       pin ? pins.next_pin_length : pins.next_puk_length}) {
        if (length != 0)
            lengths.push_back(length);
    }
    return lengths;
}

void Card::State::note_value(PinKind kind, ByteView value) {
    const NotesOf notes(pins(), kind);
    const bool known = is_well_known(kind, identity_file.identity.profile, value);
    const auto length = notes.length == 0 ? 0 : static_cast<std::uint32_t>(value.size());
    if (notes.is_default == known && notes.length == length && notes.next_length == 0 &&
        !pins_unsaved)
        return;
    notes.is_default = known;
    notes.length = length;
    notes.next_length = 0;
    write_pins();
}

std::optional<PinRecord> Card::State::announce_value(PinKind kind, ByteView value) {
    PinRecord announced = pins();
    const NotesOf notes(announced, kind);
    const auto length = static_cast<std::uint32_t>(value.size());
    const bool of_length =
        notes.length != 0 && notes.length != length && notes.next_length != length;
    const bool of_default =
        !notes.is_default && is_well_known(kind, identity_file.identity.profile, value);
    if (!of_length && !of_default)
        return std::nullopt;
    if (of_length)
        notes.next_length = length;
    if (of_default)
        notes.is_default = true;
    announced.write(files());
    pins_unsaved = false;
    return std::exchange(pins(), std::move(announced));
}

void Card::State::withdraw_value(const std::optional<PinRecord>& former) {
    if (!former)
        return;
    pins() = *former;
    write_pins();
}

void Card::State::write_pins() {
    try {
        pins().write(files());
        pins_unsaved = false;
    } catch (const StorageError& error) {
        if (!pins_unsaved)
            log(LogLevel::error, std::string("PIN or PUK was changed; what the card says of it is "
                                             "stored as soon as that is possible: ") +
                                     error.what());
        pins_unsaved = true;
    }
}

} // namespace tpmvsc::card
