// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/reissue_command.hpp"
#include "cli/command.hpp"
#include "cli/commands/checklist.hpp"
#include "cli/commands/made_card.hpp"
#include "cli/commands/new_card_options.hpp"
#include "cli/commands/traces_text.hpp"
#include "cli/inventory.hpp"
#include "cli/machine.hpp"
#include "cli/owner_auth.hpp"
#include "cli/owner_rule.hpp"
#include "cli/terminal.hpp"
#include "library/make_card.hpp"
#include "library/unmake_card.hpp"
#include "tpm/capabilities.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* reissue_examples =
    "Examples:\n"
    "  tpmvsc reissue laptop\n"
    "      asks back, and then for PIN and PUK, as create does\n"
    "  tpmvsc reissue laptop --force --pin file:pin --puk random --admin-key random --json\n"
    "      for scripts\n"
    "  tpmvsc reissue laptop --authority help-desk.pub.pem\n"
    "      from now on the help desk can have the PIN reset\n"
    "The card keeps its name, slot and profile, and what the old one had where no option says\n"
    "otherwise: whose it is, who may reset the PIN, its rules, its tries, what stands against "
    "guessing. It "
    "gets\n"
    "another id and serial number, and new keys.\n";

struct ReissueArguments {
    std::string card;
    bool force = false;
    NewCardArguments fresh;
};

KnownCard choose(const Settings& settings, const std::string& text) {
    KnownCard known = find_card(take_inventory(settings, Unseen::left_unasked), text);
    if (known.folder.empty()) {
        throw Failure(ExitCode::failed,
                      known.title() + " is not in " + settings.cards_dir() +
                          ": give this command the settings that pcscd has (TPMVSC_CONFIG)");
    }
    // The new card names the one whose place it takes by its id: a copy would have the original go.
    if (known.identity &&
        std::filesystem::path(known.folder).filename() != to_hex(known.identity->id)) {
        throw Failure(ExitCode::failed, known.folder + " is a copy of another card's folder: " +
                                            "remove it, or destroy the card");
    }
    if (!known.identity) {
        throw Failure(ExitCode::failed, known.title() +
                                            " does not tell its name any more: destroy it, and "
                                            "create a new one");
    }
    return known;
}

void confirm(const KnownCard& known, const CardContents& contents) {
    const Terminal terminal("give --force to make a card anew without a question");
    const std::string& name = known.identity->name;
    terminal.say("This makes " + known.title() + " anew.\n" + loss_text(contents) + "\n");
    if (terminal.ask("Type \"" + printable(name) + "\" to reissue it") != name) {
        throw Failure(ExitCode::failed, "not confirmed: the card is as it was");
    }
}

library::OldCard look_at(library::Workplace& place, const KnownCard& known, Output& output) {
    library::OldCard old = library::look_at_old_card(place, known.folder, *known.identity);
    if (!old.unknown.empty()) {
        output.warning("the old card does not tell any more how it was made, so what no option "
                       "says is as create has it: " +
                       old.unknown);
    }
    return old;
}

card::AntiHammering guard_of(const NewCardArguments& arguments, const library::OldCard& old,
                             const tpm::TpmFacts& facts, const library::Listener& listener) {
    AntiHammeringWish wish = wish_of(arguments, old.settings.blank);
    if (wish.value.empty() && old.settings.anti_hammering == card::AntiHammering::lockout) {
        wish.value = anti_hammering_name(card::AntiHammering::lockout);
        require_no_tries(wish);
    }
    return choose_anti_hammering(wish, facts, listener.warning);
}

std::string made_anew(const card::Identity& identity, const card::Identity& old) {
    return "Card \"" + printable(identity.name) + "\" is made anew: serial " +
           std::to_string(identity.serial) + " in the place of " + std::to_string(old.serial) +
           ", slot " + std::to_string(identity.slot) + ".";
}

/// What is said of the old card.
Json report_old(const KnownCard& known, const CardContents& contents, const library::Traces& traces,
                const std::vector<std::string>& remains, Output& output) {
    for (const auto& sentence : remains) {
        output.warning(sentence);
    }
    output.line("Of the old card:\n" + traces_text(traces));
    output.line(checklist_text(contents));
    return {{"replaced",
             {{"id", known.id()}, {"serial", known.identity->serial}, {"remains", remains}}},
            {"verified", traces_json(traces)},
            {"checklist", checklist_json(contents)}};
}

ExitCode reissue_card(ReissueArguments& arguments, Output& output) {
    NewCardArguments& fresh = arguments.fresh;
    const NewCardSources sources = parse_sources(fresh);
    if (!fresh.owner.empty()) {
        fresh.owner = require_owner_rules(fresh.owner);
        output.warning(readers_open_already);
    }
    library::Workplace place(load_settings());
    require_writable_state(place.settings);
    const KnownCard known = choose(place.settings, arguments.card);
    require_tpm(place.settings, place.tpm);
    const tpm::TpmFacts facts = tpm::read_facts(place.tpm);
    library::OldCard old = look_at(place, known, output);
    old.settings.blank = old.settings.blank && !fresh.generate;
    require_consistency(fresh, known.identity->profile, old.settings.blank);
    fresh.reset.inherit(old.parties, old.settings.reset_authority);
    fresh.reset.prepare(known.identity->profile, old.settings.blank);
    const library::Listener listener = listener_of(output);
    const card::AntiHammering guard = guard_of(fresh, old, facts, listener);
    const CardContents contents = contents_of_folder(known.folder, place.tpm);
    if (!arguments.force) {
        confirm(known, contents);
    }

    std::vector<ShownSecret> shown;
    card::CreateOptions options = std::move(old.settings);
    collect_new_card(fresh, sources, options, output, shown);
    options.anti_hammering = guard;
    options.owner_auth = owner_auth(sources.owner_auth, facts.owner_auth_set);
    library::Traces traces = library::look_for_traces(place, known.folder);
    const auto complete = [&fresh](const card::Identity& identity, card::CreateOptions& made) {
        fresh.reset.complete(identity, made);
    };
    const card::Reissued made = library::remake_card(place, known.folder, std::move(options),
                                                     fresh.owner, complete, listener);
    fresh.reset.keep();
    show_made_card(made.identity, made_anew(made.identity, *known.identity), shown,
                   fresh.reset.escrow_file(), fresh.owner, output);
    library::look_again(place, traces);
    const Json more = report_old(known, contents, traces, made.remains, output);
    report_made_card(made.identity, place.settings.tpm_is_software(), fresh.reset.escrow_file(),
                     more, output);
    return ExitCode::done;
}

} // namespace

void add_reissue_command(CLI::App& app, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<ReissueArguments>();
    CLI::App* command = app.add_subcommand(
        "reissue", "make a card anew in its place, after a compromise or for a new holder (as "
                   "root)");
    command->add_option("card", arguments->card, "name, serial number, id or slot of the card")
        ->type_name("CARD")
        ->required();
    command->add_flag("--force", arguments->force, "do not ask back");
    declare_new_card_options(*command, arguments->fresh);
    add_common_options(*command, output, reissue_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return reissue_card(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
