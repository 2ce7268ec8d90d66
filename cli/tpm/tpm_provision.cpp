// SPDX-License-Identifier: Apache-2.0
#include "cli/journal.hpp"
#include "cli/machine.hpp"
#include "cli/owner_auth.hpp"
#include "cli/terminal.hpp"
#include "cli/tpm/facts_text.hpp"
#include "cli/tpm/tpm_commands.hpp"
#include "tpm/error.hpp"
#include "tpm/hierarchy_password.hpp"
#include "tpm/parent.hpp"
#include "tpm/tpm.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <cstdio>
#include <memory>
#include <optional>

namespace tpmvsc::cli {
namespace {

constexpr const char* lockout_option = "--set-lockout-auth";

constexpr const char* examples =
    "Examples:\n"
    "  sudo tpmvsc tpm provision\n"
    "      makes the storage key that cards hang under, where there is none\n"
    "  sudo tpmvsc tpm provision --set-lockout-auth prompt\n"
    "      and gives the TPM a lockout password, so that root cannot undo its lockout\n"
    "Nothing else is changed, and nothing that is there is replaced: it can be run again. The\n"
    "limits of the TPM's lockout are set with tpmvsc lockout set. Passwords are not kept.\n";

struct ProvisionArguments {
    std::string owner_auth;
    std::string lockout_auth;
};

std::string handle_text(std::uint32_t handle) {
    std::array<char, 11> text{};
    std::snprintf(text.data(), text.size(), "0x%08X", static_cast<unsigned>(handle));
    return text.data();
}

/// StorageKey is what cards hang under, and whether it was there before.
struct StorageKey {
    tpm::Parent parent;
    bool made = false;
};

std::optional<tpm::Parent> find_key(tpm::Tpm& tpm) {
    std::optional<tpm::Parent> found;
    tpm.run([&](tpm::Connection& connection) { found = tpm::find_parent(connection); });
    return found;
}

/// The owner's password is asked for only where a key has to be made.
StorageKey provide_key(tpm::Tpm& tpm, const tpm::TpmFacts& facts,
                       const std::optional<SecretSource>& source, Output& output) {
    if (auto there = find_key(tpm)) {
        return {*std::move(there), false};
    }
    tpm.close(); // pcscd's turn, while a question is answered
    const SecretBytes password = owner_auth(source, facts.owner_auth_set);
    output.progress("Making the storage key");
    StorageKey key;
    as_owner([&] {
        tpm.run([&](tpm::Connection& connection) {
            key = {tpm::find_or_create_parent(connection, password.view()), true};
        });
    });
    return key;
}

std::optional<SecretSource> parse_lockout_auth(const std::string& value) {
    if (value.empty()) {
        return std::nullopt;
    }
    return parse_secret_source(lockout_option, value, {.well_known_and_random = false});
}

void require_length(const SecretBytes& password) {
    if (password.empty() || password.size() > tpm::longest_hierarchy_password) {
        throw Failure(ExitCode::usage, "a lockout password has 1 to " +
                                           std::to_string(tpm::longest_hierarchy_password) +
                                           " bytes: nothing was changed");
    }
}

SecretBytes new_lockout_password(const SecretSource& source) {
    if (source.kind != SecretSource::Kind::prompt) {
        SecretBytes password = read_secret(lockout_option, source);
        require_length(password);
        return password;
    }
    const Terminal terminal("give --set-lockout-auth file:PATH");
    terminal.say("Keep this password well: without it nobody ends a lockout early or changes its "
                 "limits, and only clearing the TPM in the firmware setup takes it away.\n");
    SecretBytes password = terminal.ask_secret("New lockout password of the TPM");
    require_length(password);
    if (!equal_secret(password.view(), terminal.ask_secret("The same again").view())) {
        throw Failure(ExitCode::failed, "the two are not the same: nothing was changed");
    }
    return password;
}

enum class LockoutPassword { left, there_already, set };

LockoutPassword set_password(tpm::Tpm& tpm, const StorageKey& key,
                             const std::optional<SecretBytes>& password) {
    if (!password) {
        return LockoutPassword::left;
    }
    tpm.run([&](tpm::Connection& connection) {
        tpm::set_lockout_password(connection, key.parent, password->view());
    });
    return LockoutPassword::set;
}

std::string key_sentence(const StorageKey& key) {
    const std::string where = handle_text(key.parent.handle);
    if (!key.made) {
        return "The storage key is there already, at " + where + ".";
    }
    return "Made the storage key at " + where + "." +
           (key.parent.handle == tpm::storage_root_handle
                ? ""
                : " (" + handle_text(tpm::storage_root_handle) +
                      " is taken by a key that cards cannot use, which was left as it is.)");
}

std::string password_sentence(LockoutPassword done) {
    switch (done) {
    case LockoutPassword::set:
        return " The TPM has the new lockout password now.";
    case LockoutPassword::there_already:
        return " The TPM has a lockout password already, which was left as it is.";
    default:
        return "";
    }
}

void report(const StorageKey& key, LockoutPassword done, Output& output) {
    if (!output.json) {
        output.line(key_sentence(key) + password_sentence(done));
        return;
    }
    output.document({{"storage_key",
                      {{"handle", handle_text(key.parent.handle)},
                       {"name", to_hex(key.parent.name)},
                       {"made", key.made}}},
                     {"lockout_password_set", done == LockoutPassword::set},
                     {"warnings", output.warnings()}});
}

void require_working(const tpm::TpmFacts& facts) {
    if (!facts.owner_enabled) {
        throw Failure(ExitCode::failed, "the TPM's owner hierarchy is switched off: switch it on "
                                        "in the firmware setup");
    }
}

ExitCode provision(const ProvisionArguments& arguments, Output& output) {
    const auto owner_source = parse_owner_auth(arguments.owner_auth);
    const auto lockout_source = parse_lockout_auth(arguments.lockout_auth);
    const Settings settings = load_settings();
    tpm::Tpm tpm(settings.effective_tcti(), settings.tpm_idle);
    require_tpm(settings, tpm);
    const tpm::TpmFacts facts = tpm::read_facts(tpm);
    require_working(facts);
    tpm.close(); // pcscd's turn, while questions are answered
    const bool has_password = facts.lockout.password_set;
    std::optional<SecretBytes> password;
    if (lockout_source && !has_password) {
        password = new_lockout_password(*lockout_source);
    }
    const StorageKey key = provide_key(tpm, facts, owner_source, output);
    if (key.made) {
        record_machine_change(output, key_sentence(key));
    }
    LockoutPassword done = set_password(tpm, key, password);
    if (lockout_source && has_password) {
        done = LockoutPassword::there_already;
        output.warning(
            "the TPM has a lockout password already, and it is that one which counts: "
            "whether it is the given one was not tried, since a miss locks it for hours");
    }
    report(key, done, output);
    if (done == LockoutPassword::set) {
        record_machine_change(output, "The TPM has a new lockout password.");
    }
    return ExitCode::done;
}

} // namespace

void add_tpm_provision(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<ProvisionArguments>();
    CLI::App* command =
        noun.add_subcommand("provision", "make what cards need of the TPM and is not there yet");
    command->add_option("--owner-auth", arguments->owner_auth,
                        "password of the TPM's owner, where one is set: prompt, file:PATH, fd:N or "
                        "-; a wrong one is refused, and not counted");
    command->add_option(lockout_option, arguments->lockout_auth,
                        "give the TPM, which has none, this lockout password: prompt, file:PATH, "
                        "fd:N or -");
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return provision(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
