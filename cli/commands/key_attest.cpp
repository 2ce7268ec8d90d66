// SPDX-License-Identifier: Apache-2.0
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

constexpr const char* examples =
    "Examples:\n"
    "  tpmvsc key attest 9a --out attestation.pem\n"
    "  tpmvsc cert export f9 --out authority.pem\n"
    "      the certificate of the card's attestation key, which has signed it\n"
    "doc/attestation.md says what the certificate proves, and what to verify.\n";

struct AttestArguments : KeyArguments {
    ProductOptions product;
};

ExitCode attest_key(const AttestArguments& arguments, Output& output) {
    const card::KeySlot slot = parse_slot(arguments.slot);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    require_piv(card, "key attest");
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

} // namespace

void add_key_attest(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<AttestArguments>();
    CLI::App* command =
        noun.add_subcommand("attest", "have the card certify that a key was made in the TPM");
    add_slot(*command, *arguments);
    add_product_options(*command, arguments->product, "the certificate");
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return attest_key(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
