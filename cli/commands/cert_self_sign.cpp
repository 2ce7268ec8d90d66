// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/card_signer.hpp"
#include "cli/commands/cert_commands.hpp"
#include "cli/commands/content_options.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/store_certificate.hpp"
#include "cli/commands/tell.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* cert_self_sign_examples =
    "Examples:\n"
    "  tpmvsc cert self-sign 9a --subject \"CN=Jane Doe\"\n"
    "      a certificate that nobody vouches for: for trials, and for ssh\n"
    "  tpmvsc cert self-sign 9c --subject CN=Jane --days 30 --pin file:/run/pin \\\n"
    "      --admin-key file:/run/admin\n";

struct SelfSignArguments : KeyArguments {
    ContentOptions content;
    unsigned days = 365;
};

ExitCode self_sign(const SelfSignArguments& arguments, Output& output) {
    const Bytes subject = subject_of(arguments.content);
    x509::Extensions extensions;
    fill_extensions(arguments.content, extensions);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    const Slot slot = parse_slot_on(card, arguments.slot);
    const admin::KeyStatus key = require_key(card, slot);
    const Authorisation authorisation(arguments.secrets, card,
                                      {.makes_key = false, .writes = true, .signs_with = key});
    CertificateReport report;
    {
        CardInUse use(card);
        authorisation.show(use.keys());
        const x509::Signer signer = signer_of(use.keys(), slot, authorisation);
        extensions.add_end_entity(signer.public_key);
        const x509::Certificate certificate = x509::make_self_signed(
            {subject, &extensions, chosen_hash(arguments.content.hash, signer.algorithm)},
            arguments.days, signer);
        store_certificate(use.keys(), slot, certificate);
        report = describe_certificate(certificate, &signer.public_key);
    }
    Json result = slot_json(slot);
    result["certificate"] = report.json;
    tell(output, card,
         "Stored a self-signed certificate in " + slot_title(slot) + " of " + card.title() + ": " +
             report.summary + ".",
         result);
    return ExitCode::done;
}

} // namespace

void add_cert_self_sign(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<SelfSignArguments>();
    CLI::App* command =
        noun.add_subcommand("self-sign", "make a certificate that the key itself signs");
    add_slot(*command, *arguments);
    add_content_options(*command, arguments->content);
    command->add_option("--days", arguments->days, "how long it is valid")
        ->check(CLI::Range(1, 36500))
        ->capture_default_str();
    add_hash_option(*command, arguments->content.hash);
    add_secrets(*command, *arguments);
    add_common_options(*command, output, cert_self_sign_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return self_sign(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
