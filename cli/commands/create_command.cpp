// SPDX-License-Identifier: Apache-2.0
#include "cli/card_values.hpp"
#include "cli/command.hpp"
#include "cli/commands/made_card.hpp"
#include "cli/commands/new_card_options.hpp"
#include "cli/machine.hpp"
#include "cli/owner_auth.hpp"
#include "cli/owner_rule.hpp"
#include "cli/terminal.hpp"
#include "library/make_card.hpp"
#include "tpm/capabilities.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* create_examples =
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
    "  tpmvsc create --name erin --owner erin --admin-key random\n"
    "      on a computer that several people use: programs of others do not get at the card\n"
    "  printf '%s\\n' \"$PIN\" | tpmvsc create --name bob --pin - --puk none --admin-key random\n";

/// The options as typed.
struct CreateArguments {
    std::string name;
    std::string profile = "piv";
    NewCardArguments card;
};

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

card::Profile profile_of(const CreateArguments& arguments) {
    return arguments.profile == "gids" ? card::Profile::gids : card::Profile::piv;
}

bool is_blank(const CreateArguments& arguments) {
    return profile_of(arguments) == card::Profile::gids && !arguments.card.generate;
}

card::CreateOptions collect_options(CreateArguments& arguments, const NewCardSources& sources,
                                    Output& output, std::vector<ShownSecret>& shown) {
    card::CreateOptions options;
    options.name = choose_name(arguments.name);
    options.profile = profile_of(arguments);
    options.blank = is_blank(arguments);
    collect_new_card(arguments.card, sources, options, output, shown);
    return options;
}

std::string made(const card::Identity& identity) {
    return "Card \"" + printable(identity.name) + "\" is made: serial " +
           std::to_string(identity.serial) + ", slot " + std::to_string(identity.slot) + ".";
}

ExitCode create_card(CreateArguments& arguments, Output& output) {
    const bool blank = is_blank(arguments);
    require_consistency(arguments.card, profile_of(arguments), blank);
    const NewCardSources sources = parse_sources(arguments.card);
    ResetOptions& reset = arguments.card.reset;
    reset.prepare(profile_of(arguments), blank);
    if (!arguments.card.owner.empty()) {
        arguments.card.owner = require_owner_rules(arguments.card.owner);
        output.warning(readers_open_already);
    }
    library::Workplace place(load_settings());
    require_writable_state(place.settings);
    require_tpm(place.settings, place.tpm);
    const tpm::TpmFacts facts = tpm::read_facts(place.tpm);
    place.tpm.close(); // pcscd's turn, while questions are answered
    const library::Listener listener = listener_of(output);
    const card::AntiHammering anti_hammering =
        choose_anti_hammering(wish_of(arguments.card, blank), facts, listener.warning);
    library::require_room(place.store, arguments.name);

    std::vector<ShownSecret> shown;
    card::CreateOptions options = collect_options(arguments, sources, output, shown);
    options.anti_hammering = anti_hammering;
    library::require_room(place.store, options.name);
    options.owner_auth = owner_auth(sources.owner_auth, facts.owner_auth_set);
    const auto complete = [&reset](const card::Identity& identity, card::CreateOptions& made) {
        reset.complete(identity, made);
    };
    const card::Identity identity =
        library::make_card(place, std::move(options), arguments.card.owner, complete, listener);
    reset.keep();
    show_made_card(identity, made(identity), shown, reset.escrow_file(), arguments.card.owner,
                   output);
    report_made_card(identity, place.settings.tpm_is_software(), reset.escrow_file(),
                     Json::object(), output);
    return ExitCode::done;
}

} // namespace

void add_create_command(CLI::App& app, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<CreateArguments>();
    CLI::App* command = app.add_subcommand("create", "make a new card in the TPM (as root)");
    command->add_option("--name", arguments->name,
                        "what the card is called; asked for when absent");
    command
        ->add_option("--profile", arguments->profile,
                     "what the card speaks: piv, or gids as Windows' own virtual smart card")
        ->check(CLI::IsMember({"piv", "gids"}))
        ->capture_default_str();
    declare_new_card_options(*command, arguments->card);
    add_common_options(*command, output, create_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return create_card(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
