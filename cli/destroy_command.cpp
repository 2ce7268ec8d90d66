// SPDX-License-Identifier: Apache-2.0
#include "card/card.hpp"
#include "card/create.hpp"
#include "cli/command.hpp"
#include "cli/inventory.hpp"
#include "cli/leftovers.hpp"
#include "cli/machine.hpp"
#include "cli/owner_auth.hpp"
#include "cli/presence.hpp"
#include "cli/terminal.hpp"
#include "tpm/capabilities.hpp"
#include "tpm/tpm.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* examples = "Examples:\n"
                                 "  tpmvsc destroy laptop\n"
                                 "      by name; asks back first\n"
                                 "  tpmvsc destroy 305419896 --force\n"
                                 "      by serial number, without a question\n"
                                 "  tpmvsc destroy 2 --force --json\n"
                                 "      by slot\n";

constexpr std::chrono::seconds removal_limit{5};

struct DestroyArguments {
    std::string card;
    std::string owner_auth;
    bool force = false;
};

/// How many keys are lost, as far as the card's files can still be opened.
std::string loss(const KnownCard& known, tpm::Tpm& tpm) {
    const std::string certificates = " Data encrypted for it cannot be read any more, and its "
                                     "certificates are worthless. Nothing brings them back.";
    if (known.identity) {
        try {
            const std::size_t keys = card::Card::open(known.folder, tpm)->key_slots().size();
            return "Its " + plural(keys, "private key") + " will be gone for good." + certificates;
        } catch (const std::exception&) {
            // A card that cannot be opened may still be destroyed: that is often why it is.
        }
    }
    return "All its private keys will be gone for good." + certificates;
}

void confirm(const KnownCard& known, tpm::Tpm& tpm) {
    const Terminal terminal("give --force to destroy a card without a question");
    const std::string expected = known.identity ? known.identity->name : known.id().substr(0, 8);
    terminal.say("This destroys " + known.title() + ".\n" + loss(known, tpm) + "\n");
    tpm.close(); // pcscd's turn, while somebody thinks it over
    const std::string answer = terminal.ask("Type \"" + printable(expected) + "\" to destroy it");
    if (answer != expected) {
        throw Failure(ExitCode::failed, "not confirmed: nothing was destroyed");
    }
}

Json describe(const KnownCard& known, const std::vector<std::string>& remains) {
    Json json{{"id", known.id()}};
    if (known.identity) {
        json["name"] = known.identity->name;
        json["serial"] = known.identity->serial;
        json["slot"] = known.identity->slot;
    }
    json["remains"] = remains;
    return {{"destroyed", json}};
}

void report(const KnownCard& known, const std::vector<std::string>& remains, Output& output) {
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
    if (output.json) {
        output.document(describe(known, remains));
    } else {
        output.line("Destroyed " + known.title() + ".");
    }
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

ExitCode destroy_card(const DestroyArguments& arguments, Output& output) {
    const auto source = parse_owner_auth(arguments.owner_auth);
    const Settings settings = load_settings();
    require_writable_state(settings);
    const Inventory inventory = take_inventory(settings, Unseen::left_unasked);
    const KnownCard& known = find_card(inventory.cards, arguments.card);
    if (known.folder.empty()) {
        throw Failure(ExitCode::failed,
                      known.title() + " is not in " + settings.cards_dir() +
                          ": give this command the settings that pcscd has (TPMVSC_CONFIG)");
    }
    tpm::Tpm tpm(settings.effective_tcti(), settings.tpm_idle);
    if (!arguments.force) {
        confirm(known, tpm);
    }
    const bool answers = tpm_answers(settings, tpm, output);
    const SecretBytes authorisation = ask_owner(source, tpm, answers);
    output.progress("Destroying " + known.title());
    const card::Store store(settings.cards_dir());
    std::vector<std::string> remains;
    as_owner([&] { remains = card::destroy(store, tpm, known.folder, authorisation.view()); });
    if (answers) {
        clear_leftovers(store, tpm, authorisation.view(), output);
    }
    tpm.close(); // pcscd's turn
    report(known, remains, output);
    return ExitCode::done;
}

} // namespace

void add_destroy_command(CLI::App& app, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<DestroyArguments>();
    CLI::App* command =
        app.add_subcommand("destroy", "remove a card and all its keys for good (as root)");
    command->add_option("card", arguments->card, "name, serial number, id or slot of the card")
        ->required();
    command->add_flag("--force", arguments->force, "do not ask back");
    command->add_option(
        "--owner-auth", arguments->owner_auth,
        "password of the TPM's owner, where one is set: prompt, file:PATH, fd:N or -");
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return destroy_card(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
