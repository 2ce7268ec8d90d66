// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/algorithm_option.hpp"
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/key_commands.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/known_secret.hpp"
#include "cli/commands/make_key.hpp"
#include "cli/commands/product.hpp"
#include "cli/commands/slot.hpp"
#include "cli/x509/certificate_object.hpp"
#include "cli/x509/public_key.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  tpmvsc key generate 9a\n"
    "      an RSA-2048 key for logging in; asks for the admin key\n"
    "  tpmvsc key generate 9d --algorithm p384 --public-key-out mail.pub\n"
    "  tpmvsc key generate 9e --pin-policy never --admin-key file:/run/admin --force\n"
    "      for a script: replaces the key that there is, without a question\n";

struct GenerateArguments : KeyArguments {
    std::string algorithm = "rsa2048";
    std::string pin_policy;
    std::string public_key_out;
};

ExitCode generate_key(const GenerateArguments& arguments, Output& output) {
    const client::NewKey wanted{parse_slot(arguments.slot), parse_algorithm(arguments.algorithm),
                                chosen_pin_policy(arguments.pin_policy)};
    const ChosenCard card = ask_chosen_card(arguments.choice);
    require_piv(card, "key generate");
    OutputFile file(arguments.public_key_out);
    confirm_replacement(card, wanted.slot, arguments.force);
    const SecretBytes admin_key = read_known_admin_key(arguments.admin_key, card);
    card::PublicKey key;
    bool certificate_left = false;
    {
        CardInUse use(card);
        use.piv().show_admin_key(admin_key.view());
        key = make_key(use.piv(), wanted, output);
        certificate_left = use.piv().read_object(x509::certificate_tag(wanted.slot)).has_value();
    }
    if (certificate_left) {
        output.warning("the certificate in " + slot_title(wanted.slot) +
                       " is not for this key: replace it (tpmvsc cert import, self-sign) or "
                       "delete it");
    }
    Json result = key_json(wanted.algorithm, wanted.slot);
    result["fingerprint"] = x509::fingerprint(key);
    deliver({"public_key", x509::public_key_pem(key)}, file, output, card,
            "Made " + key_title(wanted.algorithm, wanted.slot) + " of " + card.title() + ".",
            std::move(result));
    return ExitCode::done;
}

} // namespace

void add_key_generate(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<GenerateArguments>();
    CLI::App* command = noun.add_subcommand("generate", "make a key in the TPM");
    add_slot(*command, *arguments);
    add_algorithm_option(*command, arguments->algorithm);
    add_pin_policy_option(*command, arguments->pin_policy);
    command->add_option("--public-key-out", arguments->public_key_out,
                        "file for the public key in PEM; - is standard output");
    add_admin_key_option(*command, arguments->admin_key);
    add_force(*command, *arguments);
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return generate_key(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
