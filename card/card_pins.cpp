// SPDX-License-Identifier: Apache-2.0
#include "card/card_state.hpp"

#include "base/log.hpp"
#include "card/errors.hpp"
#include "card/well_known.hpp"

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

/// Keeps the count up from what the TPM answered, and gives what is left. When the count was not
/// known it stays unknown until tries() asks for it; a wrong value then has to ask at once.
void count(std::optional<PinTries>& tries, const tpm::PinIndex& index, tpm::PinCheck check) {
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

} // namespace

PinRecord& Card::State::pins() {
    if (!pin_record)
        pin_record = PinRecord::read(files());
    return *pin_record;
}

PinOutcome Card::verify_pin(ByteView pin) {
    const SecretBytes value = state_->auth_value(pin);
    const tpm::PinIndex& index = state_->pins().pin;
    logout();
    tpm::Ticket ticket;
    tpm::PinCheck check{};
    state_->with_tpm([&](tpm::Connection& connection) {
        check = tpm::check_pin(connection, state_->parent, index, value.view(), state_->pin_session,
                               &ticket);
    });
    count(state_->pin_tries, index, check);
    if (check == tpm::PinCheck::right)
        state_->login =
            Login{std::move(ticket), std::chrono::steady_clock::now() + state_->pin_session};
    if (check == tpm::PinCheck::right)
        note_length(PinKind::pin, pin.size());
    return {to_result(check), tries(PinKind::pin).left};
}

bool Card::logged_in() const {
    return state_->login && std::chrono::steady_clock::now() < state_->login->ends;
}

void Card::logout() {
    state_->login.reset();
}

PinTries Card::tries(PinKind kind) {
    std::optional<PinTries>& known = kind == PinKind::pin ? state_->pin_tries : state_->puk_tries;
    if (!known) {
        const PinRecord& pins = state_->pins();
        if (kind == PinKind::puk && !pins.puk)
            return {};
        const tpm::PinIndex& index = kind == PinKind::pin ? pins.pin : *pins.puk;
        tpm::PinCount in_tpm;
        state_->with_tpm([&](tpm::Connection& connection) {
            in_tpm = tpm::read_count(connection, state_->parent, index);
        });
        const std::uint32_t left = in_tpm.used < in_tpm.limit ? in_tpm.limit - in_tpm.used : 0;
        known = PinTries{left, in_tpm.limit};
    }
    return *known;
}

PinOutcome Card::change(PinKind kind, ByteView old_value, ByteView new_value) {
    PinRecord& pins = state_->pins();
    if (kind == PinKind::puk && !pins.puk)
        return {PinOutcome::Result::absent, 0};
    const tpm::PinIndex& index = kind == PinKind::pin ? pins.pin : *pins.puk;
    const SecretBytes old_auth = state_->auth_value(old_value);
    const SecretBytes new_auth = state_->auth_value(new_value);
    const bool announced = announce_length(kind, new_value.size());
    if (kind == PinKind::pin)
        logout();
    tpm::PinCheck check{};
    state_->with_tpm([&](tpm::Connection& connection) {
        check =
            tpm::change_pin(connection, state_->parent, index, old_auth.view(), new_auth.view());
    });
    count(kind == PinKind::pin ? state_->pin_tries : state_->puk_tries, index, check);
    if (check == tpm::PinCheck::right) {
        note_new_value(kind, new_value);
        if (kind == PinKind::pin)
            return verify_pin(new_value);
    } else if (announced) {
        withdraw_length(kind);
    }
    return {to_result(check), tries(kind).left};
}

PinOutcome Card::reset_pin_by_puk(ByteView puk, ByteView new_pin) {
    PinRecord& pins = state_->pins();
    if (!pins.puk)
        return {PinOutcome::Result::absent, 0};
    const SecretBytes puk_auth = state_->auth_value(puk);
    const SecretBytes new_auth = state_->auth_value(new_pin);
    const bool announced = announce_length(PinKind::pin, new_pin.size());
    logout();
    tpm::PinCheck check{};
    state_->with_tpm([&](tpm::Connection& connection) {
        check = tpm::unblock_pin(connection, state_->parent, pins.pin, *pins.puk, puk_auth.view(),
                                 new_auth.view());
    });
    count(state_->puk_tries, *pins.puk, check);
    if (check == tpm::PinCheck::right) {
        state_->pin_tries = PinTries{pins.pin.limit, pins.pin.limit};
        note_new_value(PinKind::pin, new_pin);
    } else if (announced) {
        withdraw_length(PinKind::pin);
    }
    return {to_result(check), tries(PinKind::puk).left};
}

bool Card::admin_may_reset_pin() {
    return !state_->pins().puk && state_->pins().pin.branches.size() > tpm::PinIndex::own_branches;
}

PinOutcome Card::reset_pin_by_admin(const AdminSession& admin, ByteView new_pin) {
    if (!admin_may_reset_pin())
        return {PinOutcome::Result::absent, 0};
    const tpm::PinIndex& index = state_->pins().pin;
    const SecretBytes new_auth = state_->auth_value(new_pin);
    const tpm::Authority authority = admin_key().authority();
    announce_length(PinKind::pin, new_pin.size());
    logout();
    state_->with_tpm([&](tpm::Connection& connection) {
        tpm::unblock_pin(connection, state_->parent, index, authority, admin.authority_value(),
                         new_auth.view());
    });
    state_->pin_tries = PinTries{index.limit, index.limit};
    note_new_value(PinKind::pin, new_pin);
    return {PinOutcome::Result::right, index.limit};
}

bool Card::can_set_tries() {
    return !state_->pins().pin.set_limit.policy.empty();
}

PinOutcome Card::set_tries(const AdminSession& admin, unsigned pin_tries, unsigned puk_tries) {
    if (!logged_in() || !can_set_tries())
        return {PinOutcome::Result::absent, 0};
    PinRecord changed = state_->pins();
    bool holds = false;
    state_->with_tpm([&](tpm::Connection& connection) {
        holds = tpm::ticket_holds(connection, state_->parent, changed.pin, state_->login->ticket);
    });
    if (!holds) { // the TPM has ended the login; nothing was written yet
        logout();
        return {PinOutcome::Result::absent, 0};
    }
    // Interrupted in the middle, the well-known values may be in force: better one warning too
    // many.
    changed.pin_is_default = true;
    changed.puk_is_default = changed.puk.has_value();
    changed.write(state_->files());
    const Profile profile = state_->identity_file.identity.profile;
    const SecretBytes pin_value =
        state_->auth_value(as_bytes(well_known_value(PinKind::pin, profile)));
    const SecretBytes puk_value =
        state_->auth_value(as_bytes(well_known_value(PinKind::puk, profile)));
    const tpm::Authority authority = admin_key().authority();
    state_->with_tpm([&](tpm::Connection& connection) {
        tpm::set_limits(connection, state_->parent, changed.pin,
                        changed.puk ? &*changed.puk : nullptr,
                        {state_->login->ticket, authority, admin.authority_value(), pin_tries,
                         pin_value.view(), puk_tries, puk_value.view()});
    });
    logout();
    changed.pin.limit = pin_tries;
    if (changed.puk)
        changed.puk->limit = puk_tries;
    changed.write(state_->files());
    state_->pin_record = std::move(changed);
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

/// Keeps the warning about well-known values and the length true.
void Card::note_new_value(PinKind kind, ByteView value) {
    PinRecord& pins = state_->pins();
    bool& flag = kind == PinKind::pin ? pins.pin_is_default : pins.puk_is_default;
    const bool now = is_well_known(kind, state_->identity_file.identity.profile, value);
    if (flag != now) {
        flag = now;
        state_->write_pins();
    }
    note_length(kind, value.size());
}

/// Before the TPM makes the change: whatever happens then, the right length is among the two. False
/// when there is nothing to announce.
bool Card::announce_length(PinKind kind, std::size_t length) {
    PinRecord& pins = state_->pins();
    const std::uint32_t known = kind == PinKind::pin ? pins.pin_length : pins.puk_length;
    std::uint32_t& next = kind == PinKind::pin ? pins.next_pin_length : pins.next_puk_length;
    if (known == 0 || known == length || next == length)
        return false;
    PinRecord announced = pins;
    (kind == PinKind::pin ? announced.next_pin_length : announced.next_puk_length) =
        static_cast<std::uint32_t>(length);
    announced.write(state_->files());
    pins = std::move(announced);
    return true;
}

/// The TPM has refused the change that was announced.
void Card::withdraw_length(PinKind kind) {
    PinRecord& pins = state_->pins();
    (kind == PinKind::pin ? pins.next_pin_length : pins.next_puk_length) = 0;
    state_->write_pins();
}

/// The value that the TPM has just found right, or made, has this length.
void Card::note_length(PinKind kind, std::size_t length) {
    PinRecord& pins = state_->pins();
    std::uint32_t& known = kind == PinKind::pin ? pins.pin_length : pins.puk_length;
    std::uint32_t& next = kind == PinKind::pin ? pins.next_pin_length : pins.next_puk_length;
    if (known == 0 || (known == length && next == 0))
        return;
    known = static_cast<std::uint32_t>(length);
    next = 0;
    state_->write_pins();
}

/// The TPM has the new value by now: to call it a failure would have the host try the old one. Only
/// what the file says about the values is wrong until the next change.
void Card::State::write_pins() {
    try {
        pins().write(files());
    } catch (const StorageError& error) {
        log(LogLevel::error, std::string("the PIN was changed, but ") + error.what());
    }
}

} // namespace tpmvsc::card
