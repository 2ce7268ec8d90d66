// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/cert_commands.hpp"
#include "cli/commands/certificate_report.hpp"
#include "cli/commands/certificate_slot.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/product.hpp"
#include "cli/commands/slot.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  tpmvsc cert export 9a | openssl x509 -text\n"
    "  tpmvsc cert export 9c --format der --out signature.cer\n"
    "  tpmvsc cert export f9 --out attestation-authority.pem\n"
    "      the certificate of the key that attests to the card's other keys\n";

struct ExportArguments : KeyArguments {
    ProductOptions product;
};

ExitCode export_certificate(const ExportArguments& arguments, Output& output) {
    const card::KeySlot slot = parse_certificate_slot(arguments.slot);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    require_piv(card, "cert export");
    OutputFile file(arguments.product.path);
    std::optional<card::KeyInfo> key;
    const x509::Certificate certificate = [&] {
        CardInUse use(card);
        key = use.piv().key(slot);
        return require_certificate(use.piv(), slot);
    }();
    const CertificateReport report =
        describe_certificate(certificate, key ? &key->public_key : nullptr);
    const bool pem = arguments.product.pem();
    deliver({"contents", pem ? certificate.pem() : certificate.der(), pem}, file, output, card,
            "Exported the certificate of " + slot_title(slot) + ": " + report.summary + ".",
            {{"slot", slot_text(slot)}, {"certificate", report.json}});
    return ExitCode::done;
}

} // namespace

void add_cert_export(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<ExportArguments>();
    CLI::App* command = noun.add_subcommand("export", "read a certificate off the card");
    command
        ->add_option("slot", arguments->slot,
                     std::string(slot_forms) + ", or f9 (the attestation key)")
        ->required();
    add_product_options(*command, arguments->product, "the certificate");
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return export_certificate(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
