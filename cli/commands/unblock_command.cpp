// SPDX-License-Identifier: Apache-2.0
#include "cli/card_values.hpp"
#include "cli/commands/card_commands.hpp"
#include "cli/commands/known_secret.hpp"
#include "cli/commands/pin_refusal.hpp"
#include "cli/commands/tell.hpp"
#include "cli/new_secret.hpp"
#include "cli/qr_code.hpp"
#include "cli/terminal.hpp"
#include "library/reset_pin.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

constexpr const char* unblock_examples =
    "Examples:\n"
    "  tpmvsc unblock\n"
    "      asks for the PUK; on a card without one it shows a challenge and asks for the answer\n"
    "  tpmvsc unblock --puk file:puk --new-pin file:new\n"
    "  tpmvsc unblock --challenge\n"
    "      shows a challenge to read to the help desk, also as a QR code, and ends\n"
    "  tpmvsc unblock --response prompt\n"
    "      asks for a new PIN and for the help desk's answer\n"
    "  tpmvsc unblock --response file:answer --new-pin file:new\n"
    "Setting a new PIN does not end a lockout of the whole TPM: see tpmvsc lockout.\n";

struct UnblockArguments {
    CardChoice choice;
    std::string by;
    std::string puk = "prompt";
    std::string new_pin = "prompt";
    std::string response;
    bool challenge = false;
    bool no_qr = false;
};

enum class Party { puk, admin_key, authority };

/// The one that was asked for, or the one that the card has.
Party choose_party(const UnblockArguments& arguments, const ChosenCard& card) {
    const card::ResetParties& parties = card.status.reset;
    const bool far_away = arguments.challenge || !arguments.response.empty();
    if (arguments.by == "puk" || (arguments.by.empty() && parties.puk && !far_away)) {
        return Party::puk;
    }
    if (arguments.by == "authority" || (arguments.by.empty() && parties.authority)) {
        return Party::authority;
    }
    if (arguments.by == "admin-key" || parties.admin_key) {
        return Party::admin_key;
    }
    throw Failure(ExitCode::unsupported,
                  parties.puk ? card.title() + " takes a new PIN from the PUK's holder only: leave "
                                               "--challenge and --response away"
                              : "nobody can set a new PIN on " + card.title() +
                                    ": destroy it and create a new one");
}

card::ResetParty far_party(Party party) {
    return party == Party::authority ? card::ResetParty::authority : card::ResetParty::admin_key;
}

SecretBytes read_new_pin(const UnblockArguments& arguments, const ChosenCard& card, Output& output,
                         std::vector<ShownSecret>& shown) {
    const card::Profile profile = card.status.identity.profile;
    NewSecretKind kind = pin_kind(profile, card.status.pin_rules);
    kind.option = "--new-pin";
    SecretBytes pin =
        obtain(kind, parse_secret_source("--new-pin", arguments.new_pin), output, shown);
    for (const auto& sentence : weaknesses("PIN", profile, pin.view())) {
        output.warning(sentence);
    }
    return pin;
}

ExitCode report(const ChosenCard& card, const std::vector<ShownSecret>& shown, Output& output) {
    if (!shown.empty()) {
        output.line("Write this down now; it is not shown again:");
        output.secrets(shown);
    }
    const bool counts = card.status.anti_hammering == card::AntiHammering::counter;
    tell(output, card,
         "The PIN of " + card.title() + " is set" +
             (counts ? ", and its tries are restored."
                     : ". Its tries are the TPM's, and stay what they were."),
         {{"changed", "pin"}});
    return ExitCode::done;
}

ExitCode unblock_by_puk(const UnblockArguments& arguments, const ChosenCard& card, Output& output) {
    const SecretBytes puk = read_known_puk(arguments.puk, card);
    std::vector<ShownSecret> shown;
    const SecretBytes pin = read_new_pin(arguments, card, output, shown);
    const client::PinAnswer answer = library::reset_pin_by_puk(card, puk.view(), pin.view());
    if (!answer.right()) {
        throw pin_refusal(card, client::Secret::puk, answer);
    }
    return report(card, shown, output);
}

std::string instruction(const ChosenCard& card, Party party) {
    return "Read this challenge of " + card.title() + ", serial " +
           std::to_string(card.status.identity.serial) + ", to " +
           (party == Party::authority ? "the authority" : "who has the admin key") + ":";
}

ExitCode show_challenge(const UnblockArguments& arguments, const ChosenCard& card, Party party,
                        Output& output) {
    const ResetChallenge challenge = library::new_challenge(card, far_party(party));
    const std::string text = to_text(challenge);
    if (output.json) {
        tell(output, card, "", {{"challenge", text}, {"serial", challenge.serial}});
        return ExitCode::done;
    }
    output.line(instruction(card, party) + "\n\n    " + text + "\n");
    if (const auto code = arguments.no_qr ? std::nullopt : qr_code_for(STDOUT_FILENO, text)) {
        output.line(*code);
    }
    output.line("With the answer: tpmvsc unblock --response prompt");
    return ExitCode::done;
}

/// Whoever has the answer first can set a PIN of his own: it does not stand on the command line.
SecretBytes read_response(const SecretSource& source) {
    if (source.kind != SecretSource::Kind::prompt) {
        return read_secret("--response", source);
    }
    const Terminal terminal("give --response file:PATH, fd:N or - (standard input)");
    const std::string typed = terminal.ask("The answer");
    return SecretBytes(as_bytes(typed));
}

ExitCode finish(const UnblockArguments& arguments, const ChosenCard& card,
                const ResetChallenge& challenge, const SecretSource& source, Output& output) {
    // The PIN first, so that the answer is used as soon as it is known.
    std::vector<ShownSecret> shown;
    const SecretBytes pin = read_new_pin(arguments, card, output, shown);
    const SecretBytes text = read_response(source);
    library::reset_pin_by_answer(card, challenge, text.view(), pin.view());
    return report(card, shown, output);
}

ExitCode finish_by_response(const UnblockArguments& arguments, const ChosenCard& card,
                            Output& output) {
    const SecretSource source =
        parse_secret_source("--response", arguments.response, {.well_known_and_random = false});
    return finish(arguments, card, library::last_challenge(card), source, output);
}

/// Challenge and answer in one go, while somebody is on the telephone.
ExitCode unblock_on_terminal(const UnblockArguments& arguments, const ChosenCard& card, Party party,
                             Output& output) {
    const Terminal terminal("use --challenge, and then --response");
    const ResetChallenge challenge = library::new_challenge(card, far_party(party));
    const std::string text = to_text(challenge);
    terminal.say(instruction(card, party) + "\n\n    " + text + "\n\n");
    if (const auto code = arguments.no_qr ? std::nullopt : qr_code_for(STDERR_FILENO, text)) {
        terminal.say(*code + "\n");
    }
    return finish(arguments, card, challenge, {}, output);
}

ExitCode unblock(const UnblockArguments& arguments, Output& output) {
    const ChosenCard card = ask_chosen_card(arguments.choice);
    const Party party = choose_party(arguments, card);
    if (party == Party::puk) {
        return unblock_by_puk(arguments, card, output);
    }
    if (arguments.challenge) {
        return show_challenge(arguments, card, party, output);
    }
    return arguments.response.empty() ? unblock_on_terminal(arguments, card, party, output)
                                      : finish_by_response(arguments, card, output);
}

} // namespace

void add_unblock_command(CLI::App& app, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<UnblockArguments>();
    CLI::App* command = app.add_subcommand(
        "unblock", "set a new PIN without the old one: by the PUK, or with the help desk's help");
    add_card_choice(*command, arguments->choice);
    command
        ->add_option("--by", arguments->by,
                     "who lets you: puk, admin-key or authority; else as the card has it")
        ->check(CLI::IsMember({"puk", "admin-key", "authority"}));
    add_puk_option(*command, arguments->puk);
    command
        ->add_option("--new-pin", arguments->new_pin,
                     "the new PIN: prompt, random, default, file:PATH, fd:N or - (standard input)")
        ->capture_default_str();
    CLI::Option* challenge = command->add_flag("--challenge", arguments->challenge,
                                               "show a new challenge for the help desk, and end");
    command
        ->add_option("--response", arguments->response,
                     "set a new PIN by the help desk's answer to the last challenge: prompt, "
                     "file:PATH, fd:N or - (standard input)")
        ->excludes(challenge);
    command->add_flag("--no-qr", arguments->no_qr, "show no QR code on the terminal");
    add_common_options(*command, output, unblock_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return unblock(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
