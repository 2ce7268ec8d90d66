// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/files.hpp"
#include "cli/commands/import_key.hpp"
#include "cli/commands/key_commands.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/known_secret.hpp"
#include "cli/commands/passphrase.hpp"
#include "cli/commands/slot.hpp"
#include "cli/commands/tell.hpp"
#include "cli/x509/public_key.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  tpmvsc key import 9d mail.p12\n"
    "      the key out of a PKCS#12 file; \"tpmvsc cert import\" takes its certificate as well\n"
    "  tpmvsc key import 9d mail.key --passphrase file:/run/passphrase --admin-key "
    "file:/run/admin\n"
    "  openssl genpkey -algorithm RSA | tpmvsc key import 82 -\n";

struct ImportArguments : KeyArguments {
    std::string file;
    std::string passphrase = "prompt";
    std::string pin_policy;
};

ExitCode import_from_file(const ImportArguments& arguments, Output& output) {
    const card::KeySlot slot = parse_slot(arguments.slot);
    const auto pin_policy = chosen_pin_policy(arguments.pin_policy);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    require_piv(card, "key import");
    const x509::Credentials found = read_credential_file(arguments.file, arguments.passphrase);
    if (!found.key) {
        throw Failure(ExitCode::failed, input_name(arguments.file) + " holds no private key");
    }
    confirm_replacement(card, slot, arguments.force);
    const SecretBytes admin_key = read_known_admin_key(arguments.admin_key, card);
    {
        CardInUse use(card);
        use.piv().show_admin_key(admin_key.view());
        import_key(use.piv(), slot, *found.key, pin_policy);
    }
    output.warning(imported_key_warning);
    Json result = key_json(found.key->algorithm, slot);
    result["fingerprint"] = x509::fingerprint(found.key->public_key);
    tell(output, card,
         "Imported " + key_title(found.key->algorithm, slot) + " of " + card.title() + ".",
         std::move(result));
    return ExitCode::done;
}

} // namespace

void add_key_import(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<ImportArguments>();
    CLI::App* command = noun.add_subcommand("import", "put a key from a file on the card");
    add_slot(*command, *arguments);
    command
        ->add_option("file", arguments->file,
                     "PEM, DER (PKCS#1, SEC 1, PKCS#8) or PKCS#12; - is standard input")
        ->required();
    add_passphrase_option(*command, arguments->passphrase);
    add_pin_policy_option(*command, arguments->pin_policy);
    add_admin_key_option(*command, arguments->admin_key);
    add_force(*command, *arguments);
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return import_from_file(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
