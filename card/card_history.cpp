// SPDX-License-Identifier: Apache-2.0
#include "card/card_state.hpp"

#include "base/log.hpp"
#include "card/errors.hpp"
#include "card/pin_complaint.hpp"
#include "tpm/policy_session.hpp"

// New PINs against the card's rules and its history.

namespace tpmvsc::card {

namespace {

/// Long enough for the commands that follow.
constexpr std::chrono::seconds ticket_life{60};

tpm::PolicyStep by_ticket(const tpm::Ticket& ticket, const Bytes& name) {
    return [&ticket, &name](tpm::Connection& connection, tpm::Session& policy) {
        tpm::policy_ticket(connection, policy, ticket, name);
    };
}

} // namespace

bool Card::State::takes(PinKind kind, ByteView value) {
    return !complaint_about_rules(rules(), kind, value);
}

PinHistory Card::State::new_history() {
    return PinHistory(PinHistory::parties_of(pins(), AdminRecord::read(files()).authority));
}

PinHistory Card::State::open_history(const tpm::PolicyStep& step) {
    try {
        return PinHistory::open(files(), parent, tpm_runner(), step);
    } catch (const StorageError& error) {
        if (error.reason() != StorageError::Reason::damaged)
            throw;
        log(LogLevel::error, "card \"" + identity_file.identity.name +
                                 "\": the history of PINs begins anew: " + error.what());
        return new_history();
    }
}

void Card::State::begin_history_with(ByteView pin) {
    try {
        PinHistory history = new_history();
        history.note(pin);
        history.confirm(rules().history);
        history.store(files(), parent, tpm_runner());
    } catch (const std::exception& error) {
        log(LogLevel::error,
            std::string("PIN was set by the authority; the history does not know it: ") +
                error.what());
    }
}

void Card::State::confirm(PinHistory& history) {
    history.confirm(rules().history);
    try {
        history.store_again(files());
    } catch (const StorageError& error) {
        log(LogLevel::error,
            std::string("PIN was changed; the history says only that it may have been: ") +
                error.what());
    }
}

PinOutcome::Result Card::State::set_pin(ByteView new_pin, const PinSetter& setter) {
    if (!takes(PinKind::pin, new_pin))
        return PinOutcome::Result::refused;
    std::optional<PinHistory> history;
    if (rules().history != 0) {
        history.emplace(open_history(setter.step));
        if (setter.known)
            history->settle(*setter.known, rules().history);
        if (!history->note(new_pin))
            return PinOutcome::Result::refused;
        history->store(files(), parent, tpm_runner());
    }
    announce_value(PinKind::pin, new_pin);
    login.reset();
    with_tpm(setter.set);
    pin_tries = PinTries{pins().pin.limit, pins().pin.limit};
    note_value(PinKind::pin, new_pin);
    if (history)
        confirm(*history);
    return PinOutcome::Result::right;
}

PinSetter Card::State::by_authority(const tpm::Authority& authority, ByteView value,
                                    ByteView new_pin) {
    const auto step = [this, &authority, value](tpm::Connection& connection, tpm::Session& policy) {
        tpm::policy_authority(connection, parent, policy, authority, value);
    };
    const auto set = [this, &authority, value, new_pin](tpm::Connection& connection) {
        tpm::unblock_pin(connection, parent, pins().pin, authority, value,
                         auth_value(new_pin).view());
    };
    return {step, set};
}

std::optional<PinHistory> Card::State::note_in_history(ByteView pin) {
    if (rules().history == 0)
        return std::nullopt;
    PinHistory history = open_history(by_ticket(login->ticket, pins().pin.name));
    if (!history.note(pin))
        return std::nullopt;
    history.store(files(), parent, tpm_runner());
    return history;
}

tpm::PinCheck Card::State::prove(PinKind kind, ByteView value, tpm::Ticket& ticket) {
    const tpm::PinIndex& index = kind == PinKind::pin ? pins().pin : *pins().puk;
    const SecretBytes auth = auth_value(value);
    tpm::PinCheck check{};
    with_tpm([&](tpm::Connection& connection) {
        check = tpm::check_pin(connection, parent, index, auth.view(), ticket_life, &ticket);
    });
    count(kind, check);
    return check;
}

PinOutcome::Result Card::State::change_remembered(ByteView old_pin, ByteView new_pin) {
    tpm::Ticket ticket;
    const tpm::PinCheck check = prove(PinKind::pin, old_pin, ticket);
    if (check != tpm::PinCheck::right) {
        login.reset();
        return to_result(check);
    }
    const tpm::PinIndex& index = pins().pin;
    const SecretBytes new_auth = auth_value(new_pin);
    const auto set = [&](tpm::Connection& connection) {
        tpm::change_pin(connection, parent, index, ticket, new_auth.view());
    };
    return set_pin(new_pin, {by_ticket(ticket, index.name), set, old_pin});
}

PinOutcome::Result Card::State::reset_remembered(ByteView puk, ByteView new_pin) {
    tpm::Ticket ticket;
    const tpm::PinCheck check = prove(PinKind::puk, puk, ticket);
    if (check != tpm::PinCheck::right)
        return to_result(check);
    note_value(PinKind::puk, puk);
    const Bytes& unblocker = pins().puk->name;
    const SecretBytes new_auth = auth_value(new_pin);
    const auto set = [&](tpm::Connection& connection) {
        tpm::unblock_pin(connection, parent, pins().pin, unblocker, ticket, new_auth.view());
    };
    return set_pin(new_pin, {by_ticket(ticket, unblocker), set});
}

} // namespace tpmvsc::card
