// SPDX-License-Identifier: Apache-2.0
#include "cli/card_values.hpp"
#include "cli/client/gids_card.hpp"
#include "cli/client/piv_card.hpp"
#include "cli/commands/card_commands.hpp"
#include "cli/commands/known_secret.hpp"
#include "cli/commands/noun.hpp"
#include "cli/commands/pin_refusal.hpp"
#include "cli/commands/tell.hpp"
#include "cli/new_secret.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

using client::GidsCard;
using client::PinAnswer;
using client::PivCard;
using client::Secret;

/// What differs between the two commands.
struct PinVerb {
    Secret secret;
    const char* noun;
    const char* label;
    const char* known_option;
    const char* new_option;
    const char* description;
    const char* examples;
    NewSecretKind (*new_kind)(card::Profile, const card::PinRules&);
    SecretBytes (*read_known)(const std::string&, const ChosenCard&);
    PinAnswer (PivCard::*change_piv)(ByteView, ByteView);
    PinAnswer (GidsCard::*change_gids)(ByteView, ByteView);
};

constexpr const char* pin_examples =
    "Examples:\n"
    "  tpmvsc pin change\n"
    "      asks for the old and the new PIN\n"
    "  tpmvsc pin change --card laptop --pin file:old --new-pin file:new\n"
    "  tpmvsc pin change --pin default --new-pin random --json\n"
    "      a new card's well-known PIN; the new one is in the JSON result, once\n";

constexpr const char* puk_examples = "Examples:\n"
                                     "  tpmvsc puk change\n"
                                     "      asks for the old and the new PUK\n"
                                     "  tpmvsc puk change --puk file:old --new-puk random\n";

constexpr PinVerb pin_verb{Secret::pin,
                           "pin",
                           "PIN",
                           "--pin",
                           "--new-pin",
                           "the PIN, by which its holder uses the card's keys",
                           pin_examples,
                           pin_kind,
                           read_known_pin,
                           &PivCard::change_pin,
                           &GidsCard::change_pin};
constexpr PinVerb puk_verb{Secret::puk,
                           "puk",
                           "PUK",
                           "--puk",
                           "--new-puk",
                           "the PUK, which sets a new PIN when the PIN is blocked",
                           puk_examples,
                           puk_kind,
                           read_known_puk,
                           &PivCard::change_puk,
                           &GidsCard::change_puk};

struct ChangeArguments {
    CardChoice choice;
    std::string known = "prompt";
    std::string fresh = "prompt";
};

SecretBytes read_new(const PinVerb& verb, const SecretSource& source,
                     const admin::CardStatus& status, Output& output,
                     std::vector<ShownSecret>& shown) {
    const card::Profile profile = status.identity.profile;
    NewSecretKind kind = verb.new_kind(profile, status.pin_rules);
    kind.option = verb.new_option;
    SecretBytes value = obtain(kind, source, output, shown);
    for (const auto& sentence : weaknesses(verb.label, profile, value.view())) {
        output.warning(sentence);
    }
    return value;
}

PinAnswer change_on_card(const PinVerb& verb, const ChosenCard& card, ByteView known,
                         ByteView fresh) {
    const pcsc::Context context;
    pcsc::Session session(context, card.reader);
    if (card.status.identity.profile == card::Profile::gids) {
        GidsCard gids(session);
        return (gids.*verb.change_gids)(known, fresh);
    }
    PivCard piv(session);
    return (piv.*verb.change_piv)(known, fresh);
}

ExitCode change(const PinVerb& verb, const ChangeArguments& arguments, Output& output) {
    const SecretSource source = parse_secret_source(verb.new_option, arguments.fresh);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    const SecretBytes known = verb.read_known(arguments.known, card);
    std::vector<ShownSecret> shown;
    const SecretBytes fresh = read_new(verb, source, card.status, output, shown);
    const PinAnswer answer = change_on_card(verb, card, known.view(), fresh.view());
    if (!answer.right()) {
        throw pin_refusal(card, verb.secret, answer);
    }
    if (!shown.empty()) {
        output.line("Write this down now; it is not shown again:");
        output.secrets(shown);
    }
    tell(output, card, std::string("The ") + verb.label + " of " + card.title() + " is changed.",
         {{"changed", verb.noun}});
    return ExitCode::done;
}

void add_change(CLI::App& app, const PinVerb& verb, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<ChangeArguments>();
    CLI::App* command = noun(app, verb.noun, verb.description)
                            .add_subcommand("change", std::string("set a new ") + verb.label +
                                                          ", by the one there is");
    add_card_choice(*command, arguments->choice);
    if (verb.secret == Secret::pin) {
        add_pin_option(*command, arguments->known);
    } else {
        add_puk_option(*command, arguments->known);
    }
    command
        ->add_option(verb.new_option, arguments->fresh,
                     std::string("the new ") + verb.label +
                         ": prompt, random, default, file:PATH, fd:N or - (standard input)")
        ->capture_default_str();
    add_common_options(*command, output, verb.examples);
    command->callback([&chosen, arguments, &verb] {
        chosen = [arguments, &verb](Output& out) { return change(verb, *arguments, out); };
    });
}

} // namespace

void add_pin_commands(CLI::App& app, Output& output, Chosen& chosen) {
    add_change(app, pin_verb, output, chosen);
    add_change(app, puk_verb, output, chosen);
}

} // namespace tpmvsc::cli
