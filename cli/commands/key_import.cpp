// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/files.hpp"
#include "cli/commands/import_key.hpp"
#include "cli/commands/import_options.hpp"
#include "cli/commands/key_commands.hpp"
#include "cli/commands/tell.hpp"
#include "cli/x509/public_key.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* key_import_examples =
    "Examples:\n"
    "  tpmvsc key import 9d mail.p12\n"
    "      the key out of a PKCS#12 file; \"tpmvsc cert import\" takes its certificate as well\n"
    "  tpmvsc key import 9d mail.key --passphrase file:/run/passphrase --admin-key "
    "file:/run/admin\n"
    "  openssl genpkey -algorithm RSA | tpmvsc key import 82 -\n"
    "  tpmvsc key import mail.key --label mail\n"
    "      on a GIDS card: into the first free container\n";

ExitCode import_from_file(ImportArguments arguments, Output& output) {
    settle_places(arguments);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    const Slot slot = slot_for_new_key(card, arguments.slot);
    const x509::Credentials found = read_import_file(arguments);
    if (!found.key) {
        throw Failure(ExitCode::failed, input_name(arguments.file) + " holds no private key");
    }
    const client::NewKey wanted = wanted_key(card, arguments, slot, found.key->algorithm);
    confirm_replacement(card, slot, arguments.force);
    const Authorisation authorisation(arguments.secrets, card,
                                      {.makes_key = true, .writes = false, .signs_with = {}});
    {
        CardInUse use(card);
        authorisation.show(use.keys());
        import_key(use.keys(), wanted, *found.key);
    }
    output.warning(imported_key_warning);
    Json result = key_json(found.key->algorithm, slot);
    result["fingerprint"] = x509::fingerprint(found.key->public_key);
    tell(output, card,
         "Imported " + key_title(found.key->algorithm, slot) + " of " + card.title() + ".", result);
    return ExitCode::done;
}

} // namespace

void add_key_import(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<ImportArguments>();
    CLI::App* command = noun.add_subcommand("import", "put a key from a file on the card");
    add_import_options(*command, *arguments, "PEM, DER (PKCS#1, SEC 1, PKCS#8) or PKCS#12");
    add_common_options(*command, output, key_import_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return import_from_file(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
