// SPDX-License-Identifier: Apache-2.0
#include "cli/attest/attestation_client.hpp"
#include "cli/attest/bundle.hpp"
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/key_commands.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/product.hpp"
#include "cli/commands/slot.hpp"
#include "cli/x509/certificate.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* key_attest_examples =
    "Examples:\n"
    "  tpmvsc key attest 9a --out attestation.pem\n"
    "  tpmvsc cert export f9 --out authority.pem\n"
    "      the certificate of the card's attestation key, which has signed it\n"
    "  tpmvsc key attest 9a --bundle bundle.json --nonce 5f1c09a3d2b84e67\n"
    "      all that shows which TPM the key is in, for somebody who has given the nonce; on GIDS\n"
    "      cards as well (tpmvsc attest verify)\n"
    "doc/attestation.md says what both prove, and what to verify.\n";

struct AttestArguments : KeyArguments {
    ProductOptions product;
    std::string bundle;
    std::string nonce;
    std::string endorsement = "auto";
};

ExitCode attest_key(const AttestArguments& arguments, Output& output) {
    const card::KeySlot slot = parse_slot(arguments.slot);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    require_piv(card, "key attest without --bundle");
    const auto key = key_in(card, slot);
    if (!key) {
        throw Failure(ExitCode::failed, "there is no key in " + slot_title(slot));
    }
    OutputFile file(arguments.product.path);
    Bytes der = CardInUse(card).piv().attest(slot);
    const auto certificate = x509::Certificate::from_der(der);
    if (!certificate) {
        throw Failure(ExitCode::failed, "what the card attests is no certificate");
    }
    const bool pem = arguments.product.pem();
    deliver({"attestation", pem ? certificate->pem() : std::move(der), pem}, file, output, card,
            "The card attests to " + key_title(key->algorithm, slot) + ": it was made in the TPM.",
            key_json(key->algorithm, slot));
    return ExitCode::done;
}

// --- Bundle --------------------------------------------------------------------------------------

/// GIDS cards have slots that PIV does not name.
card::KeySlot slot_on(const ChosenCard& card, const std::string& text) {
    if (card.status.identity.profile == card::Profile::piv) {
        return parse_slot(text);
    }
    const auto number = from_hex(text);
    if (!number || number->size() != 1) {
        throw Failure(ExitCode::usage,
                      "a GIDS card's slots are called by their number: 81, 82, ...");
    }
    return number->front();
}

Bytes parse_nonce(const std::string& text) {
    const auto nonce = from_hex(text);
    if (!nonce || nonce->size() > tpm::longest_nonce) {
        throw Failure(ExitCode::usage, "--nonce takes up to " +
                                           std::to_string(2 * tpm::longest_nonce) +
                                           " hexadecimal digits");
    }
    return *nonce;
}

std::optional<tpm::EndorsementKind> parse_endorsement(const std::string& name) {
    if (name == "auto") {
        return std::nullopt;
    }
    return name == "rsa" ? tpm::EndorsementKind::rsa : tpm::EndorsementKind::ecc;
}

/// Without the endorsement key a bundle still says what the attestation key states.
void add_endorsement(const pcsc::Session& session, const std::string& kind, attest::Bundle& bundle,
                     Output& output) {
    try {
        tpm::EndorsementKey key = client::ask_endorsement(session, parse_endorsement(kind));
        bundle.endorsement_key = std::move(key.public_area);
        bundle.endorsement_certificate = std::move(key.certificate);
        bundle.issuers = std::move(key.chain);
    } catch (const Failure& failure) {
        output.warning(std::string("the bundle does not say which TPM the key is in: ") +
                       failure.what());
        return;
    }
    if (bundle.endorsement_certificate.empty()) {
        output.warning("this TPM holds no certificate of its maker's: where the maker gives it "
                       "elsewhere, who verifies needs that (--endorsement-certificate)");
    }
}

ExitCode make_bundle(const AttestArguments& arguments, Output& output) {
    const Bytes nonce = parse_nonce(arguments.nonce);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    const card::KeySlot slot = slot_on(card, arguments.slot);
    const auto key = key_in(card, slot);
    if (!key) {
        throw Failure(ExitCode::failed, "there is no key in slot " + slot_text(slot));
    }
    OutputFile file(arguments.bundle);
    attest::Bundle bundle;
    {
        const pcsc::Context context;
        const pcsc::Session session(context, card.reader);
        admin::KeyAttestation attestation = client::attest_key(session, slot, nonce);
        bundle.certificate = std::move(attestation.certificate);
        bundle.authority = std::move(attestation.authority);
        if (attestation.tries) {
            bundle.tries = attest::Signed{std::move(attestation.tries->attest),
                                          std::move(attestation.tries->signature)};
        }
        add_endorsement(session, arguments.endorsement, bundle, output);
    }
    const std::string document = attest::write(bundle);
    deliver({"bundle", to_bytes(as_bytes(document)), true}, file, output, card,
            "The bundle shows what the TPM states of the " +
                std::string(card::algorithm_name(key->algorithm)) + " key in slot " +
                slot_text(slot) + ".",
            key_json(key->algorithm, slot));
    return ExitCode::done;
}

ExitCode run_attest(const AttestArguments& arguments, Output& output) {
    if (!arguments.bundle.empty()) {
        return make_bundle(arguments, output);
    }
    if (!arguments.nonce.empty() || arguments.endorsement != "auto") {
        throw Failure(ExitCode::usage, "--nonce and --endorsement are for --bundle");
    }
    return attest_key(arguments, output);
}

} // namespace

void add_key_attest(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<AttestArguments>();
    CLI::App* command =
        noun.add_subcommand("attest", "have the card certify that a key was made in the TPM");
    add_slot(*command, *arguments);
    add_product_options(*command, arguments->product, "the certificate");
    command
        ->add_option("--bundle", arguments->bundle,
                     "in place of the certificate alone: a document with all that shows which TPM "
                     "the key is in; - is standard output")
        ->type_name("FILE");
    command
        ->add_option("--nonce", arguments->nonce,
                     "for --bundle: what the verifier gave, to see that the statement is fresh")
        ->type_name("HEX");
    command
        ->add_option("--endorsement", arguments->endorsement,
                     "for --bundle: which of the TPM's endorsement keys; auto takes one with a "
                     "certificate, and rather the faster ECC one")
        ->check(CLI::IsMember({"auto", "ecc", "rsa"}))
        ->capture_default_str();
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, key_attest_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return run_attest(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
