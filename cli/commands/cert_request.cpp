// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/card_signer.hpp"
#include "cli/commands/cert_commands.hpp"
#include "cli/commands/challenge_password.hpp"
#include "cli/commands/content_options.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/known_secret.hpp"
#include "cli/commands/product.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* cert_request_examples =
    "Examples:\n"
    "  tpmvsc cert request 9a --subject \"CN=Jane Doe,O=Example\" --out jane.csr\n"
    "      a request for the authority to make a certificate of; the key in the card signs it\n"
    "  tpmvsc cert request 9a --subject CN=jane --upn jane@corp.example \\\n"
    "      --extended-key-usage client-auth,smartcard-logon --pin file:/run/pin --out jane.csr\n"
    "  tpmvsc cert request 9d --subject CN=Jane --email jane@example.org \\\n"
    "      --extended-key-usage email-protection --challenge-password prompt\n";

struct RequestArguments : KeyArguments {
    ContentOptions content;
    ProductOptions product;
    std::string challenge_password;
};

ExitCode make_request(const RequestArguments& arguments, Output& output) {
    const Bytes subject = subject_of(arguments.content);
    x509::Extensions extensions;
    fill_extensions(arguments.content, extensions);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    const Slot slot = parse_slot_on(card, arguments.slot);
    const admin::KeyStatus key = require_key(card, slot);
    OutputFile file(arguments.product.path);
    const SecretBytes password = read_challenge_password(arguments.challenge_password);
    const Authorisation authorisation(arguments.secrets, card,
                                      {.makes_key = false, .writes = false, .signs_with = key});
    Bytes request;
    {
        CardInUse use(card);
        authorisation.show(use.keys());
        const x509::Signer signer = signer_of(use.keys(), slot, authorisation);
        request = x509::make_request(
            {subject, &extensions, chosen_hash(arguments.content.hash, signer.algorithm)},
            password.view(), signer);
    }
    const bool pem = arguments.product.pem();
    deliver({"request", pem ? x509::request_pem(request) : std::move(request), pem}, file, output,
            card, "Signed a request with " + key_title(key.algorithm, slot) + ".",
            key_json(key.algorithm, slot));
    return ExitCode::done;
}

} // namespace

void add_cert_request(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<RequestArguments>();
    CLI::App* command =
        noun.add_subcommand("request", "make a request for a certificate (PKCS#10)");
    add_slot(*command, *arguments);
    add_content_options(*command, arguments->content);
    add_hash_option(*command, arguments->content.hash);
    add_challenge_password_option(*command, arguments->challenge_password);
    add_product_options(*command, arguments->product, "the request");
    add_pin_option(*command, arguments->secrets.pin);
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, cert_request_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return make_request(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
