// SPDX-License-Identifier: Apache-2.0
#include "cli/attest/attest_commands.hpp"
#include "cli/attest/attestation_client.hpp"
#include "cli/attest/bundle.hpp"
#include "cli/commands/product.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* answer_examples =
    "Examples:\n"
    "  tpmvsc attest answer challenge.json --out answer.json\n"
    "      has the card open the challenge of who verifies its bundle; the answer goes back there\n"
    "It wants no PIN, and says nothing but that this card's attestation key is in this TPM. With\n"
    "the TPM's RSA endorsement key it can take some seconds.\n";

struct AnswerArguments {
    CardChoice choice;
    std::string challenge;
    std::string out = "-";
};

ExitCode answer(const AnswerArguments& arguments, Output& output) {
    const attest::Challenge challenge =
        attest::read_challenge(read_input(arguments.challenge), input_name(arguments.challenge));
    const ChosenCard card = ask_chosen_card(arguments.choice);
    OutputFile file(arguments.out);
    const pcsc::Context context;
    const pcsc::Session session(context, card.reader);
    const Bytes opened = client::answer_credential(
        session, challenge.rsa ? tpm::EndorsementKind::rsa : tpm::EndorsementKind::ecc,
        challenge.credential, challenge.encrypted_secret);
    const std::string document = attest::write_answer(opened);
    deliver({"answer", to_bytes(as_bytes(document)), true}, file, output, card,
            "The TPM has opened the challenge: the attestation key of " + card.title() +
                " is in it.",
            Json::object());
    return ExitCode::done;
}

} // namespace

void add_attest_answer(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<AnswerArguments>();
    CLI::App* command = noun.add_subcommand(
        "answer", "have the card answer the challenge of who verifies its bundle");
    command
        ->add_option("challenge", arguments->challenge,
                     "what tpmvsc attest challenge has made; - is standard input")
        ->type_name("FILE")
        ->required();
    command->add_option("-o,--out", arguments->out, "where the answer goes; - is standard output")
        ->type_name("FILE")
        ->capture_default_str();
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, answer_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return answer(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
