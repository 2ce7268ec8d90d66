// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/cert_commands.hpp"
#include "cli/commands/certificate_report.hpp"
#include "cli/commands/certificate_slot.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/product.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* cert_export_examples =
    "Examples:\n"
    "  tpmvsc cert export 9a | openssl x509 -text\n"
    "  tpmvsc cert export 9c --format der --out signature.cer\n"
    "  tpmvsc cert export f9 --out attestation-authority.pem\n"
    "      the certificate of the key that attests to the card's other keys\n";

struct ExportArguments : KeyArguments {
    ProductOptions product;
};

ExitCode export_certificate(const ExportArguments& arguments, Output& output) {
    const ChosenCard card = ask_chosen_card(arguments.choice);
    const Slot slot = parse_certificate_slot(card, arguments.slot);
    OutputFile file(arguments.product.path);
    std::optional<card::PublicKey> key;
    const x509::Certificate certificate = [&] {
        CardInUse use(card);
        key = use.keys().public_key(slot.number);
        return require_certificate(use.keys(), slot);
    }();
    const CertificateReport report = describe_certificate(certificate, key ? &*key : nullptr);
    Json result = slot_json(slot);
    result["certificate"] = report.json;
    const bool pem = arguments.product.pem();
    deliver({"contents", pem ? certificate.pem() : certificate.der(), pem}, file, output, card,
            "Exported the certificate of " + slot_title(slot) + ": " + report.summary + ".",
            std::move(result));
    return ExitCode::done;
}

} // namespace

void add_cert_export(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<ExportArguments>();
    CLI::App* command = noun.add_subcommand("export", "read a certificate off the card");
    command
        ->add_option("slot", arguments->slot,
                     std::string(slot_forms) + ", or f9 (the attestation key of a PIV card)")
        ->type_name("SLOT")
        ->required();
    add_product_options(*command, arguments->product, "the certificate");
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, cert_export_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return export_certificate(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
