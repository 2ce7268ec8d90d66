// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/card_signer.hpp"
#include "cli/commands/cert_commands.hpp"
#include "cli/commands/content_options.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/known_secret.hpp"
#include "cli/commands/slot.hpp"
#include "cli/commands/store_certificate.hpp"
#include "cli/commands/tell.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  tpmvsc cert self-sign 9a --subject \"CN=Jane Doe\"\n"
    "      a certificate that nobody vouches for: for trials, and for ssh\n"
    "  tpmvsc cert self-sign 9c --subject CN=Jane --days 30 --pin file:/run/pin \\\n"
    "      --admin-key file:/run/admin\n";

struct SelfSignArguments : KeyArguments {
    ContentOptions content;
    std::string pin = "prompt";
    unsigned days = 365;
};

ExitCode self_sign(const SelfSignArguments& arguments, Output& output) {
    const card::KeySlot slot = parse_slot(arguments.slot);
    const Bytes subject = subject_of(arguments.content);
    x509::Extensions extensions;
    fill_extensions(arguments.content, extensions);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    require_piv(card, "cert self-sign");
    const admin::KeyStatus key = require_key(card, slot);
    const SecretBytes pin = read_pin_for(key, arguments.pin, card);
    const SecretBytes admin_key = read_known_admin_key(arguments.admin_key, card);
    CertificateReport report;
    {
        CardInUse use(card);
        use.piv().show_admin_key(admin_key.view());
        const x509::Signer signer = signer_of(use.piv(), slot, pin);
        extensions.add_end_entity(signer.public_key);
        const x509::Certificate certificate = x509::make_self_signed(
            {subject, &extensions, chosen_hash(arguments.content.hash, signer.algorithm)},
            arguments.days, signer);
        store_certificate(use.piv(), slot, certificate);
        report = describe_certificate(certificate, &signer.public_key);
    }
    tell(output, card,
         "Stored a self-signed certificate in " + slot_title(slot) + " of " + card.title() + ": " +
             report.summary + ".",
         {{"slot", slot_text(slot)}, {"certificate", report.json}});
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
    add_pin_option(*command, arguments->pin);
    add_admin_key_option(*command, arguments->admin_key);
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return self_sign(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
