// SPDX-License-Identifier: Apache-2.0
#include "cli/card_report.hpp"
#include "cli/chosen_card.hpp"
#include "cli/command.hpp"
#include "cli/lockout_text.hpp"
#include "cli/machine.hpp"
#include "cli/pcsc.hpp"
#include "tpm/capabilities.hpp"
#include "tpm/tpm.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* examples = "Examples:\n"
                                 "  tpmvsc info\n"
                                 "      the only card, or a list of those to choose from\n"
                                 "  tpmvsc info laptop\n"
                                 "  tpmvsc info --reader \"TPM Virtual Smart Card 00 02\" --json\n"
                                 "Any user may ask, and no program's login ends by it.\n";

struct InfoArguments {
    std::string card;
    std::string reader;
};

/// A line on the TPM, for who may ask it.
struct TpmLine {
    std::string text;
    Json json;
};

TpmLine describe_tpm(const Settings& settings, Output& output) {
    tpm::Tpm tpm(settings.effective_tcti(), settings.tpm_idle);
    try {
        require_tpm(settings, tpm);
        const tpm::TpmFacts facts = tpm::read_facts(tpm);
        const std::string lockout = lockout_text(facts.lockout);
        return {facts.manufacturer + " " + facts.vendor + ", firmware " + facts.firmware +
                    (settings.tpm_is_software() ? " (a program, not a chip)" : "") + ", " + lockout,
                {{"manufacturer", facts.manufacturer},
                 {"vendor", facts.vendor},
                 {"firmware", facts.firmware},
                 {"software", settings.tpm_is_software()},
                 {"in_lockout", facts.lockout.active},
                 {"lockout_counter", facts.lockout.failed},
                 {"max_tries", facts.lockout.limits.max_tries}}};
    } catch (const std::exception& error) {
        output.detail(std::string("TPM: ") + error.what());
        return {};
    }
}

/// What can be said of a card that nobody can ask.
void print_offline(const KnownCard& card, Output& output) {
    const std::string why = "tries and keys are not known, because programs do not see the card: " +
                            (card.problem.empty() ? "pcscd does not answer" : card.problem);
    if (!card.identity) {
        throw Failure(ExitCode::failed, card.title() + ": " + card.problem);
    }
    const card::Identity& identity = *card.identity;
    if (output.json) {
        output.document({{"name", identity.name},
                         {"profile", profile_name(identity.profile)},
                         {"id", card.id()},
                         {"serial", identity.serial},
                         {"slot", identity.slot},
                         {"created", identity.created},
                         {"reader", card.reader},
                         {"inserted", false},
                         {"warnings", Json::array({why})}});
        return;
    }
    output.line("Name     " + printable(identity.name));
    output.line(std::string("Profile  ") + profile_name(identity.profile));
    output.line("Serial   " + std::to_string(identity.serial));
    output.line("Id       " + card.id());
    output.line("Created  " + printable(identity.created));
    output.line("WARNING: " + why);
}

void print_status(const admin::CardStatus& status, const std::string& reader, const TpmLine& tpm,
                  Output& output) {
    const auto warnings = concerns(status);
    if (output.json) {
        Json json = to_json(status, reader);
        json["inserted"] = true;
        json["tpm"] = tpm.json;
        json["warnings"] = warnings;
        output.document(json);
        return;
    }
    std::string text = to_text(status, reader);
    text.pop_back();
    output.line(text);
    if (!tpm.text.empty()) {
        output.line("TPM        " + tpm.text);
    }
    for (const auto& sentence : warnings) {
        output.line("WARNING: " + sentence);
    }
}

ExitCode show_info(const InfoArguments& arguments, Output& output) {
    const Settings settings = load_settings();
    std::string reader = arguments.reader;
    if (reader.empty()) {
        const Inventory inventory = take_inventory(settings, Unseen::asked);
        const KnownCard& card = choose_card(inventory, arguments.card);
        if (!card.inserted) {
            print_offline(card, output);
            return inventory.code_for(card);
        }
        reader = card.reader;
    }
    const TpmLine tpm = describe_tpm(settings, output);
    const pcsc::Context context;
    print_status(ask_card(context, reader), reader, tpm, output);
    return ExitCode::done;
}

} // namespace

void add_info_command(CLI::App& app, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<InfoArguments>();
    CLI::App* command =
        app.add_subcommand("info", "show one card: tries left, keys, what to take care of");
    CLI::Option* card =
        command->add_option("card", arguments->card, "name, serial number, id or slot of the card")
            ->type_name("CARD");
    command->add_option("--reader", arguments->reader, "the card in this reader")
        ->type_name("READER")
        ->excludes(card);
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return show_info(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
