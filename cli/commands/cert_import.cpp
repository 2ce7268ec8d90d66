// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/cert_commands.hpp"
#include "cli/commands/files.hpp"
#include "cli/commands/import_key.hpp"
#include "cli/commands/import_options.hpp"
#include "cli/commands/store_certificate.hpp"
#include "cli/commands/tell.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* cert_import_examples =
    "Examples:\n"
    "  tpmvsc cert import 9a jane.pem\n"
    "      also a whole chain: the certificate that is for the key in the slot is taken\n"
    "  tpmvsc cert import 9d old-mail.p12 --passphrase file:/run/passphrase\n"
    "      a decryption key from escrow together with its certificate\n"
    "  tpmvsc cert import jane.pem\n"
    "      to wherever on the card the key is that the certificate is for\n";

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
    Slot slot;
    const x509::Certificate* certificate = nullptr;
    std::optional<client::NewKey> key; ///< the file's key comes into the slot as well
};

Failure no_match(const ImportArguments& arguments, const x509::Credentials& found,
                 const std::string& no_key, const std::string& where) {
    const std::string file = input_name(arguments.file);
    if (found.certificates.empty()) {
        return {ExitCode::failed, file + " holds no certificate"};
    }
    if (!no_key.empty()) {
        return {ExitCode::failed, no_key + " that the certificate could be for"};
    }
    const std::string subject = printable(found.certificates.front().subject());
    return {ExitCode::failed, found.certificates.size() == 1
                                  ? "the certificate in " + file + " (" + subject +
                                        ") is for another key than " + where
                                  : "none of the " + std::to_string(found.certificates.size()) +
                                        " certificates in " + file + " is for " + where};
}

/// The slot on the card that holds the key of one of the certificates.
std::optional<Slot> slot_of_certificate(const ChosenCard& card, const x509::Credentials& found) {
    CardInUse use(card);
    for (const admin::KeyStatus& key : card.status.keys) {
        const auto public_key = use.keys().public_key(key.slot);
        if (public_key && newest_for(found.certificates, *public_key) != nullptr) {
            return Slot(key.slot, card);
        }
    }
    return std::nullopt;
}

/// Where nothing was said: where the key is. Otherwise the key has to come with the certificate.
Slot choose_slot(const ImportArguments& arguments, const ChosenCard& card,
                 const x509::Credentials& found) {
    if (!arguments.slot.empty() && arguments.slot != "new") {
        return parse_slot_on(card, arguments.slot);
    }
    if (const auto slot = slot_of_certificate(card, found)) {
        return *slot;
    }
    if (!found.key || newest_for(found.certificates, found.key->public_key) == nullptr) {
        throw no_match(arguments, found,
                       card.status.keys.empty() ? "there is no key on the card" : "",
                       "one on the card");
    }
    return slot_for_new_key(card, arguments.slot);
}

Plan plan_import(const ImportArguments& arguments, const ChosenCard& card,
                 const x509::Credentials& found) {
    Plan plan;
    plan.slot = choose_slot(arguments, card, found);
    const auto key = CardInUse(card).keys().public_key(plan.slot.number);
    plan.certificate = key ? newest_for(found.certificates, *key) : nullptr;
    if (plan.certificate == nullptr && found.key) {
        plan.certificate = newest_for(found.certificates, found.key->public_key);
    }
    if (plan.certificate == nullptr) {
        throw no_match(arguments, found,
                       key || found.key ? "" : "there is no key in " + slot_title(plan.slot),
                       "the one in " + slot_title(plan.slot));
    }
    if (!key || !plan.certificate->is_for(*key)) {
        plan.key = wanted_key(card, arguments, plan.slot, found.key->algorithm);
    }
    require_room(CardInUse(card).keys(), *plan.certificate);
    return plan;
}

std::string sentence(const Plan& plan, const CertificateReport& report, const ChosenCard& card) {
    return std::string("Imported ") +
           (plan.key ? "the key and its certificate" : "the certificate") + " into " +
           slot_title(plan.slot) + " of " + card.title() + ": " + report.summary + ".";
}

/// A key whose certificate the card does not take is removed again where there was none before.
CertificateReport import_on_card(const ChosenCard& card, const Plan& plan,
                                 const x509::Credentials& found,
                                 const Authorisation& authorisation) {
    CardInUse use(card);
    authorisation.show(use.keys());
    const bool replaces = use.keys().public_key(plan.slot.number).has_value();
    if (plan.key) {
        import_key(use.keys(), *plan.key, *found.key);
    }
    const auto key = use.keys().public_key(plan.slot.number);
    if (!key || !plan.certificate->is_for(*key)) {
        throw Failure(ExitCode::failed, "the key in " + slot_title(plan.slot) +
                                            " was changed by another program meanwhile");
    }
    try {
        store_certificate(use.keys(), plan.slot, *plan.certificate);
    } catch (const Failure&) {
        if (plan.key && !replaces) {
            use.keys().delete_key(plan.slot.number);
        }
        throw;
    }
    return describe_certificate(*plan.certificate, &*key);
}

ExitCode import_certificate(ImportArguments arguments, Output& output) {
    settle_places(arguments);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    const x509::Credentials found = read_import_file(arguments);
    const Plan plan = plan_import(arguments, card, found);
    if (plan.key) {
        confirm_replacement(card, plan.slot, arguments.force);
        output.warning(imported_key_warning);
    }
    warn_of_validity(*plan.certificate, output);
    const Authorisation authorisation(
        arguments.secrets, card,
        {.makes_key = plan.key.has_value(), .writes = true, .signs_with = {}});
    const CertificateReport report = import_on_card(card, plan, found, authorisation);
    Json result = slot_json(plan.slot);
    result["key_imported"] = plan.key.has_value();
    result["certificate"] = report.json;
    tell(output, card, sentence(plan, report, card), result);
    return ExitCode::done;
}

} // namespace

void add_cert_import(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<ImportArguments>();
    CLI::App* command = noun.add_subcommand("import", "put a key's certificate on the card");
    add_import_options(*command, *arguments,
                       "PEM, DER, PKCS#7 or PKCS#12, also a chain in any order");
    add_common_options(*command, output, cert_import_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return import_certificate(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
