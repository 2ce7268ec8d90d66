// SPDX-License-Identifier: Apache-2.0
#include "card/card.hpp"
#include "card/store.hpp"
#include "cli/anti_hammering_option.hpp"
#include "cli/command.hpp"
#include "cli/journal.hpp"
#include "cli/lockout_text.hpp"
#include "cli/machine.hpp"
#include "cli/secret_source.hpp"
#include "cli/terminal.hpp"
#include "tpm/error.hpp"
#include "tpm/lockout.hpp"
#include "tpm/tpm.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

constexpr const char* password_option = "--lockout-auth";

constexpr const char* examples =
    "Examples:\n"
    "  sudo tpmvsc lockout status\n"
    "      wrong tries, what they mean, and which cards count by them\n"
    "  sudo tpmvsc lockout reset\n"
    "      forget all wrong tries; asks for the lockout password where one is set\n"
    "  sudo tpmvsc lockout set --max-tries 32 --recovery-time 600\n"
    "      shows what changes for all users of the TPM, and asks back\n"
    "This is not for a forgotten or blocked PIN: that is unblocked with the PUK, and stays what "
    "it\n"
    "was whatever is done here.\n";

/// The options as typed.
struct LockoutArguments {
    std::string password;
    std::optional<std::uint32_t> max_tries;
    std::optional<std::uint32_t> recovery;
    std::optional<std::uint32_t> password_recovery;
    bool force = false;
};

tpm::Lockout read(tpm::Tpm& tpm) {
    tpm::Lockout lockout;
    tpm.run([&](tpm::Connection& connection) { lockout = tpm::read_lockout(connection); });
    return lockout;
}

// --- status ------------------------------------------------------------------------------------

/// The cards whose PIN the lockout guards, by name; nothing where only root may look.
std::optional<std::vector<std::string>> guarded_cards(const Settings& settings, tpm::Tpm& tpm,
                                                      Output& output) {
    const std::string folder = settings.cards_dir();
    if (::access(settings.state_dir.c_str(), F_OK) == 0 &&
        ::access(settings.state_dir.c_str(), R_OK | X_OK) != 0) {
        return std::nullopt;
    }
    std::vector<std::string> names;
    for (const auto& stored : card::Store(folder).list()) {
        if (!stored.problem.empty()) {
            continue;
        }
        try {
            if (card::Card::open(stored.folder, tpm)->anti_hammering() ==
                card::AntiHammering::lockout) {
                names.push_back(stored.identity->name);
            }
        } catch (const std::exception& error) { // the doctor says what to do about it
            output.warning("card \"" + printable(stored.identity->name) +
                           "\" was not looked at: " + error.what());
        }
    }
    return names;
}

std::string cards_text(const std::optional<std::vector<std::string>>& cards) {
    if (!cards) {
        return "only root can see which";
    }
    std::string text;
    for (const std::string& name : *cards) {
        text += (text.empty() ? "" : ", ") + printable(name);
    }
    return text.empty() ? "none; the PINs of all cards here are counted for each card by itself"
                        : text;
}

std::string limits_text(const tpm::LockoutLimits& limits) {
    return "after " + plural(limits.max_tries, "wrong one") + " all are refused, right ones too; " +
           (limits.protects() ? "one is forgotten after " +
                                    duration(static_cast<std::uint64_t>(limits.recovery.count()))
                              : "but " + std::string(lockout_switched_off));
}

void print(const tpm::Lockout& lockout, const std::string& cards, Output& output) {
    std::string text = table(
        {{"TPM", lockout.active ? "locked for " + wait_text(lockout.longest_wait()) : "not locked"},
         {"Wrong tries",
          std::to_string(lockout.failed) + " of " + std::to_string(lockout.limits.max_tries)},
         {"Limits", limits_text(lockout.limits)},
         {"Password", std::string(lockout.password_set ? "set" : "none") +
                          "; after a wrong one it is refused " +
                          password_recovery_text(lockout.limits)},
         {"Cards", cards}});
    text.pop_back();
    output.line(text);
    output.line(
        "Wrong passwords of every user of this TPM count here together: unlocking a disk, keys of\n"
        "other programs, and the cards named above. A right one takes none back; time does, and\n"
        "\"tpmvsc lockout reset\". A power cut after a right one may count as a wrong one. Cards "
        "that\n"
        "count by themselves are not concerned, and go on working while the TPM is locked.");
}

ExitCode show_status(Output& output) {
    const Settings settings = load_settings();
    tpm::Tpm tpm(settings.effective_tcti(), settings.tpm_idle);
    require_tpm(settings, tpm);
    const tpm::Lockout lockout = read(tpm);
    const auto cards = guarded_cards(settings, tpm, output);
    if (!lockout.limits.protects()) {
        output.warning(lockout_switched_off);
    }
    if (cards && !cards->empty() && !lockout.password_set) {
        output.warning(no_lockout_password);
    }
    if (output.json) {
        Json json = to_json(lockout);
        json["cards"] = cards ? Json(*cards) : Json(nullptr);
        json["warnings"] = output.warnings();
        output.document(json);
    } else {
        print(lockout, cards_text(cards), output);
    }
    return ExitCode::done;
}

// --- The lockout password ------------------------------------------------------------------------

std::optional<SecretSource> parse_password(const std::string& value) {
    if (value.empty()) {
        return std::nullopt;
    }
    return parse_secret_source(password_option, value, {.well_known_and_random = false});
}

/// Says beforehand what a miss would cost, and gets the password; empty where none is set. One that
/// is given where there is none would be a miss for sure, so it is not tried.
SecretBytes lockout_password(const std::optional<SecretSource>& source, const tpm::Lockout& lockout,
                             Output& output) {
    if (!lockout.password_set) {
        if (source) {
            throw Failure(ExitCode::usage, "the TPM has no lockout password: leave " +
                                               std::string(password_option) + " away");
        }
        return {};
    }
    output.progress("A wrong lockout password has the TPM refuse the right one as well, " +
                    password_recovery_text(lockout.limits) + ".");
    if (source && source->kind != SecretSource::Kind::prompt) {
        return read_secret(password_option, *source);
    }
    if (!Terminal::available()) {
        throw Failure(ExitCode::not_authorised, "the TPM has a lockout password: give it with " +
                                                    std::string(password_option) +
                                                    " file:PATH, fd:N or -");
    }
    const Terminal terminal("give --lockout-auth file:PATH");
    return terminal.ask_secret("Lockout password of the TPM");
}

/// Runs `work`, which uses the password.
void with_password(tpm::Tpm& tpm, const tpm::LockoutLimits& limits,
                   const std::function<void(tpm::Connection&)>& work) {
    try {
        tpm.run(work);
    } catch (const tpm::Error& error) {
        if (error.fault() == tpm::Fault::auth_failed) {
            throw Failure(ExitCode::not_authorised,
                          "this is not the lockout password, so nothing was changed; the TPM "
                          "refuses any now, " +
                              password_recovery_text(limits));
        }
        if (error.fault() == tpm::Fault::locked_out) {
            throw Failure(ExitCode::not_authorised,
                          "the TPM refuses its lockout password " + password_recovery_text(limits) +
                              " after a wrong one, and nothing was changed: wait");
        }
        throw;
    }
}

void report_change(const tpm::Lockout& before, const tpm::Lockout& after, const char* done,
                   Output& output) {
    if (output.json) {
        output.document({{"before", to_json(before)}, {"after", to_json(after)}});
    } else {
        output.line(std::string(done) + " The TPM is " + lockout_text(after) + ".");
    }
}

// --- reset ---------------------------------------------------------------------------------------

ExitCode reset(const LockoutArguments& arguments, Output& output) {
    const auto source = parse_password(arguments.password);
    const Settings settings = load_settings();
    tpm::Tpm tpm(settings.effective_tcti(), settings.tpm_idle);
    require_tpm(settings, tpm);
    const tpm::Lockout before = read(tpm);
    tpm.close(); // pcscd's turn, while a question is answered
    const SecretBytes password = lockout_password(source, before, output);
    with_password(tpm, before.limits, [&](tpm::Connection& connection) {
        tpm::reset_lockout(connection, password.view());
    });
    record_machine_change(output, "The TPM's wrong tries are forgotten.");
    report_change(before, read(tpm), "All wrong tries are forgotten.", output);
    return ExitCode::done;
}

// --- set -----------------------------------------------------------------------------------------

tpm::LockoutLimits wanted_limits(const LockoutArguments& arguments, tpm::LockoutLimits limits) {
    if (!arguments.max_tries && !arguments.recovery && !arguments.password_recovery) {
        throw Failure(ExitCode::usage, "say what is to be set: --max-tries, --recovery-time, "
                                       "--lockout-recovery");
    }
    limits.max_tries = arguments.max_tries.value_or(limits.max_tries);
    if (arguments.recovery) {
        limits.recovery = std::chrono::seconds(*arguments.recovery);
    }
    if (arguments.password_recovery) {
        limits.password_recovery = std::chrono::seconds(*arguments.password_recovery);
    }
    return limits;
}

std::string comparison(const tpm::LockoutLimits& before, const tpm::LockoutLimits& after) {
    const auto row = [](const char* name, std::uint64_t from, std::uint64_t to) {
        return std::vector<std::string>{
            name, std::to_string(from) + (from == to ? " as before" : " -> " + std::to_string(to))};
    };
    const auto count = [](std::chrono::seconds seconds) {
        return static_cast<std::uint64_t>(seconds.count());
    };
    return table(
        {row("wrong tries until the TPM locks", before.max_tries, after.max_tries),
         row("seconds until one is forgotten", count(before.recovery), count(after.recovery)),
         row("seconds without lockout password after a wrong one", count(before.password_recovery),
             count(after.password_recovery))});
}

void confirm(const std::string& change) {
    const Terminal terminal("give --force to change the TPM's lockout without a question");
    terminal.say("This changes the TPM's lockout for all who use this TPM, disk encryption "
                 "included:\n" +
                 change);
    if (terminal.ask("Type \"yes\" to change it") != "yes") {
        throw Failure(ExitCode::failed, "not confirmed: nothing was changed");
    }
}

ExitCode set(const LockoutArguments& arguments, Output& output) {
    const auto source = parse_password(arguments.password);
    wanted_limits(arguments, {}); // wrong usage is told before anything else
    const Settings settings = load_settings();
    tpm::Tpm tpm(settings.effective_tcti(), settings.tpm_idle);
    require_tpm(settings, tpm);
    const tpm::Lockout before = read(tpm);
    tpm.close(); // pcscd's turn, while questions are answered
    const tpm::LockoutLimits limits = wanted_limits(arguments, before.limits);
    if (limits == before.limits) {
        report_change(before, before, "It is so already: nothing was changed.", output);
        return ExitCode::done;
    }
    const std::string change = comparison(before.limits, limits);
    if (arguments.force) {
        output.progress(change.substr(0, change.size() - 1));
    } else {
        confirm(change);
    }
    const SecretBytes password = lockout_password(source, before, output);
    with_password(tpm, before.limits, [&](tpm::Connection& connection) {
        tpm::set_lockout(connection, password.view(), limits);
    });
    record_machine_change(output, "The TPM's lockout is changed: " + limits_text(limits) + ".");
    report_change(before, read(tpm), "The TPM's lockout is changed.", output);
    return ExitCode::done;
}

// --- Options -------------------------------------------------------------------------------------

void add_password_option(CLI::App& command, LockoutArguments& arguments) {
    command.add_option(
        password_option, arguments.password,
        "the TPM's lockout password, where one is set: prompt, file:PATH, fd:N or -");
}

/// Zero would switch the lockout off, or the TPM for all passwords; the largest number is as good
/// as no limit.
void add_limit_options(CLI::App& command, LockoutArguments& arguments) {
    constexpr std::uint32_t most_tries = 1000;
    constexpr std::uint32_t longest = 0x7FFFFFFF;
    command.add_option("--max-tries", arguments.max_tries, "wrong tries until the TPM locks")
        ->check(CLI::Range(std::uint32_t{1}, most_tries));
    command
        .add_option("--recovery-time", arguments.recovery,
                    "seconds after which one wrong try is forgotten")
        ->check(CLI::Range(std::uint32_t{1}, longest));
    command
        .add_option("--lockout-recovery", arguments.password_recovery,
                    "seconds for which the lockout password is refused after a wrong one; 0: until "
                    "the computer is restarted")
        ->check(CLI::Range(std::uint32_t{0}, longest));
    command.add_flag("--force", arguments.force, "do not ask back");
}

} // namespace

void add_lockout_command(CLI::App& app, Output& output, Chosen& chosen) {
    CLI::App* lockout = app.add_subcommand(
        "lockout", "look at, reset or set the TPM's lockout after wrong passwords (as root)");
    lockout->require_subcommand(1);
    lockout->footer(std::string("\n") + examples);

    CLI::App* status_command = lockout->add_subcommand(
        "status", "show wrong tries, limits, and which cards count by them");
    add_common_options(*status_command, output, examples);
    status_command->callback([&chosen] { chosen = show_status; });

    const auto arguments = std::make_shared<LockoutArguments>();
    CLI::App* reset_command = lockout->add_subcommand(
        "reset", "have the TPM forget all wrong tries. Sets no PIN: a PIN is unblocked with the "
                 "card's PUK");
    add_password_option(*reset_command, *arguments);
    add_common_options(*reset_command, output, examples);
    reset_command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return reset(*arguments, out); };
    });

    CLI::App* set_command =
        lockout->add_subcommand("set", "set the limits, for all who use this TPM");
    add_limit_options(*set_command, *arguments);
    add_password_option(*set_command, *arguments);
    add_common_options(*set_command, output, examples);
    set_command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return set(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
