// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/cert_commands.hpp"
#include "cli/commands/files.hpp"
#include "cli/commands/import_key.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/known_secret.hpp"
#include "cli/commands/passphrase.hpp"
#include "cli/commands/slot.hpp"
#include "cli/commands/store_certificate.hpp"
#include "cli/commands/tell.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  tpmvsc cert import 9a jane.pem\n"
    "      also a whole chain: the certificate that is for the key in the slot is taken\n"
    "  tpmvsc cert import 9d old-mail.p12 --passphrase file:/run/passphrase\n"
    "      a decryption key from escrow together with its certificate\n";

struct ImportArguments : KeyArguments {
    std::string file;
    std::string passphrase = "prompt";
    std::string pin_policy;
};

/// Of several certificates for the key, the one that is valid for longest.
const x509::Certificate* newest_for(const std::vector<x509::Certificate>& certificates,
                                    const card::PublicKey& key) {
    const x509::Certificate* found = nullptr;
    for (const x509::Certificate& one : certificates) {
        if (one.is_for(key) && (found == nullptr || found->not_after() < one.not_after())) {
            found = &one;
        }
    }
    return found;
}

/// What is to be done, once it is clear that it can be.
struct Plan {
    const x509::Certificate* certificate = nullptr;
    bool with_key = false; ///< the file's key comes into the slot as well
};

Failure no_match(const ImportArguments& arguments, const x509::Credentials& found,
                 const std::optional<card::KeyInfo>& key, card::KeySlot slot) {
    const std::string file = input_name(arguments.file);
    if (found.certificates.empty()) {
        return {ExitCode::failed, file + " holds no certificate"};
    }
    if (!key && !found.key) {
        return {ExitCode::failed,
                "there is no key in " + slot_title(slot) + " that the certificate could be for"};
    }
    const std::string subject = printable(found.certificates.front().subject());
    return {ExitCode::failed, found.certificates.size() == 1
                                  ? "the certificate in " + file + " (" + subject +
                                        ") is for another key than the one in " + slot_title(slot)
                                  : "none of the " + std::to_string(found.certificates.size()) +
                                        " certificates in " + file + " is for the key in " +
                                        slot_title(slot)};
}

Plan plan_import(const ImportArguments& arguments, const x509::Credentials& found,
                 const std::optional<card::KeyInfo>& key, card::KeySlot slot) {
    Plan plan;
    plan.certificate = key ? newest_for(found.certificates, key->public_key) : nullptr;
    if (plan.certificate == nullptr && found.key) {
        plan.certificate = newest_for(found.certificates, found.key->public_key);
        plan.with_key = plan.certificate != nullptr;
    }
    if (plan.certificate == nullptr) {
        throw no_match(arguments, found, key, slot);
    }
    require_room(*plan.certificate);
    return plan;
}

std::string sentence(const Plan& plan, const CertificateReport& report, card::KeySlot slot,
                     const ChosenCard& card) {
    return std::string("Imported ") +
           (plan.with_key ? "the key and its certificate" : "the certificate") + " into " +
           slot_title(slot) + " of " + card.title() + ": " + report.summary + ".";
}

ExitCode import_certificate(const ImportArguments& arguments, Output& output) {
    const card::KeySlot slot = parse_slot(arguments.slot);
    const auto pin_policy = chosen_pin_policy(arguments.pin_policy);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    require_piv(card, "cert import");
    const x509::Credentials found = read_credential_file(arguments.file, arguments.passphrase);
    const Plan plan = plan_import(arguments, found, CardInUse(card).piv().key(slot), slot);
    if (plan.with_key) {
        confirm_replacement(card, slot, arguments.force);
        output.warning(imported_key_warning);
    }
    warn_of_validity(*plan.certificate, output);
    const SecretBytes admin_key = read_known_admin_key(arguments.admin_key, card);
    CertificateReport report;
    {
        CardInUse use(card);
        use.piv().show_admin_key(admin_key.view());
        if (plan.with_key) {
            import_key(use.piv(), slot, *found.key, pin_policy);
        }
        const auto key = use.piv().key(slot);
        if (!key || !plan.certificate->is_for(key->public_key)) {
            throw Failure(ExitCode::failed, "the key in " + slot_title(slot) +
                                                " was changed by another program meanwhile");
        }
        store_certificate(use.piv(), slot, *plan.certificate);
        report = describe_certificate(*plan.certificate, &key->public_key);
    }
    tell(
        output, card, sentence(plan, report, slot, card),
        {{"slot", slot_text(slot)}, {"key_imported", plan.with_key}, {"certificate", report.json}});
    return ExitCode::done;
}

} // namespace

void add_cert_import(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<ImportArguments>();
    CLI::App* command = noun.add_subcommand("import", "put a key's certificate on the card");
    add_slot(*command, *arguments);
    command
        ->add_option("file", arguments->file,
                     "PEM, DER, PKCS#7 or PKCS#12, also a chain in any order; - is standard "
                     "input")
        ->required();
    add_passphrase_option(*command, arguments->passphrase);
    add_pin_policy_option(*command, arguments->pin_policy);
    add_admin_key_option(*command, arguments->admin_key);
    add_force(*command, *arguments);
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return import_certificate(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
