// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/algorithm_option.hpp"
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/key_commands.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/make_key.hpp"
#include "cli/commands/product.hpp"
#include "cli/x509/public_key.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* key_generate_examples =
    "Examples:\n"
    "  tpmvsc key generate 9a\n"
    "      an RSA-2048 key for logging in; asks for the admin key\n"
    "  tpmvsc key generate 9d --algorithm p384 --public-key-out mail.pub\n"
    "  tpmvsc key generate 9e --pin-policy never --admin-key file:/run/admin --force\n"
    "      for a script: replaces the key that there is, without a question\n"
    "  tpmvsc key generate --label logon\n"
    "      on a GIDS card: in the first free container; asks for the PIN\n";

struct GenerateArguments : NewKeyArguments {
    std::string algorithm = "rsa2048";
    std::string public_key_out;
};

ExitCode generate_key(const GenerateArguments& arguments, Output& output) {
    const card::KeyAlgorithm algorithm = parse_algorithm(arguments.algorithm);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    const Slot slot = slot_for_new_key(card, arguments.slot);
    const client::NewKey wanted = wanted_key(card, arguments, slot, algorithm);
    OutputFile file(arguments.public_key_out);
    confirm_replacement(card, slot, arguments.force);
    const Authorisation authorisation(arguments.secrets, card,
                                      {.makes_key = true, .writes = false, .signs_with = {}});
    card::PublicKey key;
    bool certificate_left = false;
    {
        CardInUse use(card);
        authorisation.show(use.keys());
        key = make_key(use.keys(), wanted, output);
        certificate_left = use.keys().has_certificate(slot.number);
    }
    if (certificate_left) {
        output.warning("the certificate in " + slot_title(slot) +
                       " is not for this key: replace it (tpmvsc cert import, self-sign) or "
                       "delete it");
    }
    Json result = key_json(algorithm, slot);
    result["fingerprint"] = x509::fingerprint(key);
    deliver({"public_key", x509::public_key_pem(key)}, file, output, card,
            "Made " + key_title(algorithm, slot) + " of " + card.title() + ".", std::move(result));
    return ExitCode::done;
}

} // namespace

void add_key_generate(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<GenerateArguments>();
    CLI::App* command = noun.add_subcommand("generate", "make a key in the TPM");
    add_new_slot(*command, *arguments);
    add_algorithm_option(*command, arguments->algorithm);
    add_new_key_options(*command, *arguments);
    command
        ->add_option("--public-key-out", arguments->public_key_out,
                     "file for the public key in PEM; - is standard output")
        ->type_name("FILE");
    add_force(*command, *arguments);
    add_secrets(*command, *arguments);
    add_common_options(*command, output, key_generate_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return generate_key(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
