// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/initial_objects.hpp"
#include "apdu/piv/initial_objects.hpp"
#include "card/create.hpp"
#include "cli/anti_hammering_option.hpp"
#include "cli/card_values.hpp"
#include "cli/command.hpp"
#include "cli/inventory.hpp"
#include "cli/leftovers.hpp"
#include "cli/machine.hpp"
#include "cli/new_secret.hpp"
#include "cli/owner_auth.hpp"
#include "cli/pin_rule_options.hpp"
#include "cli/presence.hpp"
#include "cli/reset_options.hpp"
#include "cli/terminal.hpp"
#include "tpm/capabilities.hpp"
#include "tpm/tpm.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  tpmvsc create --name laptop\n"
    "      asks for PIN and PUK, makes a random admin key where none is typed\n"
    "  tpmvsc create --name test --pin default --puk default --admin-key default\n"
    "      a card with the well-known values, for trying out\n"
    "  tpmvsc create --name alice --pin file:/run/pin --puk random --admin-key random --json\n"
    "      for scripts: random values are in the JSON result, once\n"
    "  tpmvsc create --name windows --profile gids --generate --puk none\n"
    "      a card as tpmvscmgr makes it, for OpenSC and for sessions on Windows\n"
    "  tpmvsc create --name carol --authority help-desk.pub.pem --admin-key random\n"
    "      the help desk can have the PIN reset, by telephone, and keeps no secret of this card\n"
    "  tpmvsc create --name dave --puk none --escrow-to help-desk.crt\n"
    "      the help desk resets the PIN with the admin key, which it finds in dave-SERIAL.cms\n"
    "  tpmvsc create --name safe --pin-min-length 8 --pin-no-trivial --pin-history 5 --pin-session "
    "1h\n"
    "      rules for each new PIN, and the PIN asked for again after an hour\n"
    "  printf '%s\\n' \"$PIN\" | tpmvsc create --name bob --pin - --puk none --admin-key random\n";

constexpr std::chrono::seconds insertion_limit{10};
constexpr unsigned default_tries = 3;

/// The options as typed.
struct CreateArguments {
    std::string name;
    std::string profile = "piv";
    bool generate = false;
    std::string pin = "prompt";
    ResetOptions reset;
    std::string admin_algorithm = "tdes";
    std::string owner_auth;
    std::string anti_hammering;
    std::optional<unsigned> pin_tries;
    bool settable_tries = false;
    std::optional<unsigned> puk_tries;
    PinRuleArguments pin_rules;
};

/// Where the secrets come from: understood before anything is done.
struct Sources {
    SecretSource pin;
    std::optional<SecretSource> owner_auth;
};

Sources parse_sources(const CreateArguments& arguments) {
    return {parse_secret_source("--pin", arguments.pin), parse_owner_auth(arguments.owner_auth)};
}

std::string choose_name(const std::string& given) {
    std::string name = given;
    if (name.empty()) {
        const Terminal terminal("give the card a name with --name");
        name = terminal.ask("Name of the new card");
    }
    if (const auto complaint = complaint_about_name(name)) {
        throw Failure(ExitCode::usage, *complaint);
    }
    return name;
}

void require_room(const card::Store& store, const std::string& name) {
    for (const auto& card : store.list()) {
        if (card.identity && card.identity->name == name) {
            throw Failure(ExitCode::failed, "there is a card named \"" + printable(name) +
                                                "\" already: choose another name, or destroy it");
        }
    }
    if (!store.free_slot()) {
        throw Failure(ExitCode::failed,
                      "all " + std::to_string(card::max_slots) +
                          " slots have a card: destroy one that is no longer needed "
                          "(tpmvsc list shows them)");
    }
}

bool begins_with(ByteView value, ByteView start) {
    return value.size() >= start.size() && equal_secret(value.first(start.size()), start);
}

void warn_of_weak_values(const card::CreateOptions& options, Output& output) {
    for (const auto& sentence : weaknesses("PIN", options.profile, options.pin.view())) {
        output.warning(sentence);
    }
    if (!options.puk.empty()) {
        for (const auto& sentence : weaknesses("PUK", options.profile, options.puk.view())) {
            output.warning(sentence);
        }
        if (equal_secret(options.pin.view(), options.puk.view())) {
            output.warning("PIN and PUK are the same: who finds out the one has the other");
        } else if (begins_with(options.puk.view(), options.pin.view()) &&
                   options.profile == card::Profile::gids) {
            output.warning(
                "the PUK begins with the PIN: a program that sends the PUK where the PIN "
                "belongs, as OpenSC's pkcs11-tool --unlock-pin, sets a PIN that nobody "
                "knows");
        }
    }
    const Bytes well_known = card::default_admin_key(options.admin_algorithm);
    if (equal_secret(options.admin_key.view(), well_known)) {
        output.warning("the admin key is the well-known default value: every program on this "
                       "computer can " +
                       std::string(options.admin_resets_pin
                                       ? "reset the PIN of this card and use its keys"
                                       : "replace keys and certificates of this card"));
    }
}

card::Profile profile_of(const CreateArguments& arguments) {
    return arguments.profile == "gids" ? card::Profile::gids : card::Profile::piv;
}

bool is_blank(const CreateArguments& arguments) {
    return profile_of(arguments) == card::Profile::gids && !arguments.generate;
}

AntiHammeringWish wish_of(const CreateArguments& arguments) {
    return {arguments.anti_hammering,
            arguments.pin_tries        ? "--pin-tries"
            : arguments.puk_tries      ? "--puk-tries"
            : arguments.settable_tries ? "--settable-tries"
                                       : "",
            is_blank(arguments)};
}

/// Refuses options that contradict each other.
void require_consistency(const CreateArguments& arguments) {
    const bool gids = profile_of(arguments) == card::Profile::gids;
    if (arguments.generate && !gids) {
        throw Failure(ExitCode::usage,
                      "--generate is for --profile gids: a PIV card is always ready for use");
    }
    if (gids && arguments.admin_algorithm != "tdes") {
        throw Failure(ExitCode::usage,
                      "a GIDS card's admin key is a triple DES key (--admin-algorithm tdes): its "
                      "hosts speak nothing else");
    }
    constexpr unsigned most_gids_tries = 14; // 63CF means "unknown" there
    if (gids && std::max(arguments.pin_tries.value_or(default_tries),
                         arguments.puk_tries.value_or(default_tries)) > most_gids_tries) {
        throw Failure(ExitCode::usage, "a GIDS card can count at most 14 tries");
    }
    if (gids && arguments.settable_tries) {
        throw Failure(ExitCode::usage,
                      "--settable-tries is for --profile piv: GIDS has no command to set tries");
    }
    (void)pin_rules(arguments.pin_rules, profile_of(arguments), arguments.settable_tries);
    require_no_tries(wish_of(arguments));
}

card::CreateOptions collect_options(CreateArguments& arguments, const Sources& sources,
                                    Output& output, std::vector<ShownSecret>& shown) {
    card::CreateOptions options;
    options.name = choose_name(arguments.name);
    options.admin_algorithm = *parse_admin_algorithm(arguments.admin_algorithm);
    options.pin_tries = arguments.pin_tries.value_or(default_tries);
    options.settable_tries = arguments.settable_tries;
    options.puk_tries = arguments.puk_tries.value_or(default_tries);
    options.profile = profile_of(arguments);
    options.blank = is_blank(arguments);
    options.pin_rules = pin_rules(arguments.pin_rules, options.profile, arguments.settable_tries);
    options.pin = obtain(pin_kind(options.profile, options.pin_rules), sources.pin, output, shown);
    arguments.reset.collect(options, output, shown);
    return options;
}

Json describe(const card::Identity& identity, const Presence& presence, bool software,
              const Output& output) {
    return {{"name", identity.name},     {"profile", profile_name(identity.profile)},
            {"id", to_hex(identity.id)}, {"serial", identity.serial},
            {"slot", identity.slot},     {"created", identity.created},
            {"reader", presence.reader}, {"inserted", presence.as_wanted()},
            {"software_tpm", software},  {"warnings", output.warnings()}};
}

/// Before anything that may take long or fail: these values are nowhere else.
void show(const card::Identity& identity, const std::vector<ShownSecret>& shown,
          const std::string& escrow_file, Output& output) {
    output.line("Card \"" + printable(identity.name) + "\" is made: serial " +
                std::to_string(identity.serial) + ", slot " + std::to_string(identity.slot) + ".");
    if (!shown.empty()) {
        output.line("Write this down now; it is not shown again:");
        output.secrets(shown);
    }
    if (!escrow_file.empty()) {
        output.line("What the help desk keeps is in " + printable(escrow_file) + ".");
    }
}

void report(const card::Identity& identity, bool software, const std::string& escrow_file,
            Output& output) {
    const ReaderNames names(find_driver_entries());
    const Presence presence = wait_for_card(names, identity.slot, insertion_limit);
    if (!presence.as_wanted()) {
        output.warning("the card is made, but programs do not see it yet: " + presence.advice);
    }
    if (output.json) {
        Json result = describe(identity, presence, software, output);
        if (!escrow_file.empty()) {
            result["escrow_file"] = escrow_file;
        }
        output.document(result);
        return;
    }
    output.line((presence.as_wanted() ? "It is in reader \"" : "It belongs in reader \"") +
                presence.reader + "\".");
}

ExitCode create_card(CreateArguments& arguments, Output& output) {
    require_consistency(arguments);
    const Sources sources = parse_sources(arguments);
    const bool gids = profile_of(arguments) == card::Profile::gids;
    arguments.reset.prepare(profile_of(arguments), gids && !arguments.generate);
    const Settings settings = load_settings();
    const card::Store store(settings.cards_dir());
    tpm::Tpm tpm(settings.effective_tcti(), settings.tpm_idle);
    require_writable_state(settings);
    require_tpm(settings, tpm);
    const tpm::TpmFacts facts = tpm::read_facts(tpm);
    tpm.close(); // pcscd's turn, while questions are answered
    const card::AntiHammering anti_hammering =
        choose_anti_hammering(wish_of(arguments), facts, output);
    require_room(store, arguments.name);

    std::vector<ShownSecret> shown;
    card::CreateOptions options = collect_options(arguments, sources, output, shown);
    options.anti_hammering = anti_hammering;
    require_room(store, options.name);
    options.owner_auth = owner_auth(sources.owner_auth, facts.owner_auth_set);
    warn_of_weak_values(options, output);
    warn_of_pin_rules(options.pin_rules, options.profile, output);
    options.progress = [&output](const std::string& step) { output.progress("  " + step); };
    output.progress("Making card \"" + printable(options.name) + "\":");
    if (settings.tpm_is_software()) {
        output.warning(software_tpm_warning);
    }
    const auto assign = [&arguments](const card::Identity& identity, card::CreateOptions& made) {
        arguments.reset.complete(identity, made);
        if (identity.profile == card::Profile::piv) {
            made.objects = piv::initial_objects(identity);
        } else if (!made.blank) {
            made.objects = gids::initial_objects(identity);
        }
    };
    clear_leftovers(store, tpm, options.owner_auth.view(), output);
    card::Identity identity;
    as_owner([&] { identity = card::create(store, tpm, std::move(options), assign); });
    arguments.reset.keep();
    tpm.close(); // pcscd's turn: a software TPM serves one program at a time
    show(identity, shown, arguments.reset.escrow_file(), output);
    report(identity, settings.tpm_is_software(), arguments.reset.escrow_file(), output);
    return ExitCode::done;
}

void declare_options(CLI::App& command, CreateArguments& arguments) {
    command.add_option("--name", arguments.name, "what the card is called; asked for when absent");
    command
        .add_option("--profile", arguments.profile,
                    "what the card speaks: piv, or gids as Windows' own virtual smart card")
        ->check(CLI::IsMember({"piv", "gids"}))
        ->capture_default_str();
    command.add_flag("--generate", arguments.generate,
                     "gids: write the file system, so that the card is ready for use; without it "
                     "the card is blank, for gids-tool --initialize or a card management system");
    const std::string forms = ": prompt, default, random, file:PATH, fd:N or - (standard input)";
    command.add_option("--pin", arguments.pin, "PIN" + forms)->capture_default_str();
    arguments.reset.declare(command);
    command
        .add_option(
            "--admin-algorithm", arguments.admin_algorithm,
            "cipher of the admin key: tdes (what all programs speak), aes128, aes192, aes256")
        ->check(CLI::IsMember({"tdes", "aes128", "aes192", "aes256"}))
        ->capture_default_str();
    command
        .add_option("--anti-hammering", arguments.anti_hammering,
                    "what stands against guessing: counter, this card's own tries, then blocked "
                    "until unblocked (the default where the TPM can); or lockout, a delay by the "
                    "TPM, in which wrong passwords of all its users count together (tpmvsc lockout "
                    "status)")
        ->check(CLI::IsMember({"counter", "lockout"}));
    command
        .add_option("--pin-tries", arguments.pin_tries,
                    "counter: wrong PINs until the card is blocked [3]")
        ->check(CLI::Range(1, 15));
    command
        .add_option("--puk-tries", arguments.puk_tries,
                    "counter: wrong PUKs until it is blocked for good [3]")
        ->check(CLI::Range(1, 15));
    command.add_flag("--settable-tries", arguments.settable_tries,
                     "let who has PIN and admin key set new limits later, as ykman's set-retries "
                     "does; root can then do so during a login, and plant a PUK");
    command.add_option(
        "--owner-auth", arguments.owner_auth,
        "password of the TPM's owner, where one is set: prompt, file:PATH, fd:N or -");
    declare_pin_rules(command, arguments.pin_rules);
}

} // namespace

void add_create_command(CLI::App& app, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<CreateArguments>();
    CLI::App* command = app.add_subcommand("create", "make a new card in the TPM (as root)");
    declare_options(*command, *arguments);
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return create_card(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
