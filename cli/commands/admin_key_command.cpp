// SPDX-License-Identifier: Apache-2.0
#include "cli/card_values.hpp"
#include "cli/client/gids_card.hpp"
#include "cli/client/piv_card.hpp"
#include "cli/commands/card_commands.hpp"
#include "cli/commands/known_secret.hpp"
#include "cli/commands/noun.hpp"
#include "cli/commands/tell.hpp"
#include "cli/new_secret.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* admin_key_examples =
    "Examples:\n"
    "  tpmvsc admin-key change\n"
    "      asks for the old and the new key; Enter alone makes a random one, shown once\n"
    "  tpmvsc admin-key change --admin-key default --new-admin-key random --algorithm aes256\n"
    "  tpmvsc admin-key change --admin-key file:old --new-admin-key file:new\n";

struct AdminKeyArguments {
    CardChoice choice;
    std::string known = "prompt";
    std::string fresh = "prompt";
    std::string algorithm;
};

bool is_gids(const ChosenCard& card) {
    return card.status.identity.profile == card::Profile::gids;
}

void change_on_card(const ChosenCard& card, ByteView known, card::AdminAlgorithm algorithm,
                    ByteView fresh) {
    const pcsc::Context context;
    pcsc::Session session(context, card.reader);
    if (is_gids(card)) {
        client::GidsCard gids(session);
        gids.show_admin_key(known);
        gids.set_admin_key(fresh);
        return;
    }
    client::PivCard piv(session);
    piv.show_admin_key(known);
    piv.set_admin_key(algorithm, fresh);
}

ExitCode change_admin_key(const AdminKeyArguments& arguments, Output& output) {
    const SecretSource source = parse_secret_source("--new-admin-key", arguments.fresh);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    const card::AdminAlgorithm algorithm =
        parse_admin_algorithm(arguments.algorithm).value_or(card.status.admin_algorithm);
    if (is_gids(card) && algorithm != card::AdminAlgorithm::tdes) {
        throw Failure(ExitCode::unsupported, "the admin key of a GIDS card is a triple DES key: "
                                             "its hosts speak nothing else");
    }
    const SecretBytes known = read_known_admin_key(arguments.known, card);
    std::vector<ShownSecret> shown;
    NewSecretKind kind = admin_key_kind(algorithm);
    kind.option = "--new-admin-key";
    const SecretBytes fresh = obtain(kind, source, output, shown);
    if (equal_secret(fresh.view(), card::default_admin_key(algorithm))) {
        output.warning(well_known_admin_key("the new admin key", card.status.reset.admin_key));
    }
    change_on_card(card, known.view(), algorithm, fresh.view());
    if (!shown.empty()) {
        output.line("Write this down now; it is not shown again:");
        output.secrets(shown);
    }
    const std::string name = admin_algorithm_name(algorithm);
    tell(output, card,
         "The admin key of " + card.title() + " is changed; it is of kind " + name + ".",
         {{"changed", "admin-key"}, {"algorithm", name}});
    return ExitCode::done;
}

} // namespace

void add_admin_key_commands(CLI::App& app, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<AdminKeyArguments>();
    CLI::App* command = noun(app, "admin-key",
                             "the key by which keys and certificates are put on "
                             "the card")
                            .add_subcommand("change", "set a new admin key, by the one there is");
    add_card_choice(*command, arguments->choice);
    add_admin_key_option(*command, arguments->known);
    command
        ->add_option("--new-admin-key", arguments->fresh,
                     "the new key in hexadecimal: prompt, random, default, file:PATH, fd:N or -")
        ->capture_default_str();
    command
        ->add_option("--algorithm", arguments->algorithm,
                     "its cipher: tdes, aes128, aes192, aes256; as before when not given")
        ->check(CLI::IsMember({"tdes", "aes128", "aes192", "aes256"}));
    add_common_options(*command, output, admin_key_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return change_admin_key(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
