// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/commands/checklist.hpp"
#include "cli/commands/made_card.hpp"
#include "cli/commands/traces_text.hpp"
#include "cli/inventory.hpp"
#include "cli/journal.hpp"
#include "cli/machine.hpp"
#include "cli/owner_auth.hpp"
#include "cli/presence.hpp"
#include "cli/terminal.hpp"
#include "library/unmake_card.hpp"
#include "tpm/capabilities.hpp"
#include "tpm/tpm.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* destroy_examples =
    "Examples:\n"
    "  tpmvsc destroy laptop\n"
    "      by name; asks back first\n"
    "  tpmvsc destroy 305419896 --force\n"
    "      by serial number, without a question\n"
    "  tpmvsc destroy 2 --force --json\n"
    "      by slot\n"
    "  tpmvsc destroy laptop --checklist\n"
    "      shows what has to be revoked when it goes, and destroys "
    "nothing\n";

constexpr std::chrono::seconds removal_limit{5};

struct DestroyArguments {
    std::string card;
    std::string owner_auth;
    bool force = false;
    bool checklist = false;
};

void confirm(const KnownCard& known, const CardContents& contents) {
    const Terminal terminal("give --force to destroy a card without a question");
    const std::string expected = known.identity ? known.identity->name : known.id().substr(0, 8);
    terminal.say("This destroys " + known.title() + ".\n" + loss_text(contents) + "\n");
    const std::string answer = terminal.ask("Type \"" + printable(expected) + "\" to destroy it");
    if (answer != expected) {
        throw Failure(ExitCode::failed, "not confirmed: nothing was destroyed");
    }
}

Json describe(const KnownCard& known) {
    Json json{{"id", known.id()}};
    if (known.identity) {
        json["name"] = known.identity->name;
        json["serial"] = known.identity->serial;
        json["slot"] = known.identity->slot;
    }
    return json;
}

void warn_of_what_remains(const KnownCard& known, const std::vector<std::string>& remains,
                          Output& output) {
    for (const auto& sentence : remains) {
        output.warning(sentence);
    }
    if (known.identity) {
        const ReaderNames names(find_driver_entries());
        const Presence presence = wait_for_removal(names, known.identity->slot, removal_limit);
        if (!presence.as_wanted()) {
            output.warning("programs still see the card: restart pcscd (systemctl restart pcscd)");
        }
    }
}

std::string destroyed(const KnownCard& known) {
    return "Destroyed " + known.title() + ".";
}

void report(const KnownCard& known, const CardContents& contents, const library::Destroyed& done,
            Output& output) {
    warn_of_what_remains(known, done.remains, output);
    if (output.json) {
        Json json = describe(known);
        json["remains"] = done.remains;
        output.document({{"destroyed", json},
                         {"verified", traces_json(done.traces)},
                         {"checklist", checklist_json(contents)},
                         {"warnings", output.warnings()}});
        return;
    }
    output.line(destroyed(known));
    output.line(traces_text(done.traces));
    output.line(checklist_text(contents));
}

/// Whether the TPM can be asked to clear its part. Without it the card's files go all the same:
/// nobody else can do anything with what is left.
bool tpm_answers(const Settings& settings, tpm::Tpm& tpm, Output& output) {
    const TpmAccess access = look_for_tpm(settings, tpm);
    if (access.state != TpmAccess::State::open) {
        output.detail(access.sentence);
    }
    return access.state == TpmAccess::State::open;
}

/// Empty where the TPM cannot be asked anyway.
SecretBytes ask_owner(const std::optional<SecretSource>& source, tpm::Tpm& tpm, bool tpm_answers) {
    if (!tpm_answers) {
        return {};
    }
    const bool is_set = !source && tpm::read_facts(tpm).owner_auth_set;
    tpm.close();
    return owner_auth(source, is_set);
}

/// The one that is meant.
KnownCard choose(const Settings& settings, const std::string& text, Unseen unseen) {
    return find_card(take_inventory(settings, unseen), text);
}

/// As root from the folder, else as the reader shows it.
ExitCode show_checklist(const DestroyArguments& arguments, Output& output) {
    library::Workplace place(load_settings());
    const KnownCard known = choose(place.settings, arguments.card, Unseen::asked);
    const CardContents contents = known.folder.empty()
                                      ? contents_in_reader(known.reader)
                                      : contents_of_folder(known.folder, place.tpm);
    if (!contents.problem.empty()) {
        output.warning(contents.problem);
    }
    if (output.json) {
        output.document({{"card", describe(known)},
                         {"checklist", checklist_json(contents)},
                         {"warnings", output.warnings()}});
        return ExitCode::done;
    }
    output.line("If " + known.title() + " goes:\n" + checklist_text(contents));
    return ExitCode::done;
}

ExitCode destroy_card(const DestroyArguments& arguments, Output& output) {
    const auto source = parse_owner_auth(arguments.owner_auth);
    library::Workplace place(load_settings());
    require_writable_state(place.settings);
    const KnownCard known = choose(place.settings, arguments.card, Unseen::left_unasked);
    if (known.folder.empty()) {
        throw Failure(ExitCode::failed,
                      known.title() + " is not in " + place.settings.cards_dir() +
                          ": give this command the settings that pcscd has (TPMVSC_CONFIG)");
    }
    const CardContents contents = contents_of_folder(known.folder, place.tpm);
    if (!arguments.force) {
        confirm(known, contents);
    }
    const bool answers = tpm_answers(place.settings, place.tpm, output);
    const SecretBytes authorisation = ask_owner(source, place.tpm, answers);
    output.progress("Destroying " + known.title());
    const library::Destroyed done = library::destroy_card(place, known.folder, authorisation.view(),
                                                          answers, listener_of(output));
    report(known, contents, done, output);
    record_change(output, known.identity_for_record(), destroyed(known), {});
    return ExitCode::done;
}

} // namespace

void add_destroy_command(CLI::App& app, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<DestroyArguments>();
    CLI::App* command =
        app.add_subcommand("destroy", "remove a card and all its keys for good (as root)");
    command->add_option("card", arguments->card, "name, serial number, id or slot of the card")
        ->type_name("CARD")
        ->required();
    command->add_flag("--force", arguments->force, "do not ask back");
    command->add_flag("--checklist", arguments->checklist,
                      "only show what would have to be revoked: certificates and keys (as any "
                      "user)");
    command->add_option(
        "--owner-auth", arguments->owner_auth,
        "password of the TPM's owner, where one is set: prompt, file:PATH, fd:N or -");
    add_common_options(*command, output, destroy_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) {
            return arguments->checklist ? show_checklist(*arguments, out)
                                        : destroy_card(*arguments, out);
        };
    });
}

} // namespace tpmvsc::cli
