// SPDX-License-Identifier: Apache-2.0
#include "base/crypto.hpp"
#include "cli/attest/attest_commands.hpp"
#include "cli/attest/make_credential.hpp"
#include "cli/attest/statement.hpp"
#include "cli/new_file.hpp"
#include "cli/openssl.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  tpmvsc attest challenge bundle.json --out challenge.json --secret-out secret.json\n"
    "      makes a challenge that only the TPM with both keys of the bundle can answer; it goes "
    "to\n"
    "      the card's holder (tpmvsc attest answer challenge.json), the secret stays here\n"
    "The bundle is what the holder has from tpmvsc key attest SLOT --bundle bundle.json.\n";

constexpr mode_t for_all = 0644;
constexpr mode_t for_owner = 0600;

struct ChallengeArguments {
    std::string bundle;
    std::string out;
    std::string secret_out;
};

ExitCode make_challenge(const ChallengeArguments& arguments, Output& output) {
    const attest::Bundle bundle =
        attest::read_bundle(openssl::read_file(arguments.bundle).view(), arguments.bundle);
    attest::Expectation expectation;
    attest::Challenge challenge;
    try {
        expectation.attestation_key = attest::read_statement(bundle).attestation_key;
        if (bundle.endorsement_key.empty()) {
            throw Failure(ExitCode::unsupported, "the bundle has no endorsement key, so that no "
                                                 "challenge can be made for its TPM");
        }
        const attest::PublicArea key(bundle.endorsement_key, "the endorsement key");
        expectation.endorsement_key = key.name;
        expectation.secret = SecretBytes(crypto::sha256_bytes);
        crypto::random_fill(expectation.secret.span());
        auto credential =
            attest::make_credential(key, expectation.attestation_key, expectation.secret.view());
        challenge = {key.is_rsa(), std::move(credential.blob),
                     std::move(credential.encrypted_secret)};
    } catch (const attest::Refused& refused) {
        throw Failure(ExitCode::failed,
                      std::string("the bundle proves nothing: ") + refused.what());
    }
    write_new_file(arguments.secret_out, attest::write(expectation).view(), for_owner);
    write_new_file(arguments.out, as_bytes(attest::write(challenge)), for_all);
    if (output.json) {
        output.document({{"challenge", arguments.out}, {"secret", arguments.secret_out}});
    } else {
        output.line("The challenge for the card's holder is in " + printable(arguments.out) +
                    "; keep " + printable(arguments.secret_out) + " for verifying the answer.");
    }
    return ExitCode::done;
}

} // namespace

void add_attest_challenge(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<ChallengeArguments>();
    CLI::App* command = noun.add_subcommand(
        "challenge", "make a challenge for the TPM that a bundle says its key is in");
    command->add_option("bundle", arguments->bundle, "what the card's holder has sent")
        ->type_name("FILE")
        ->required();
    command->add_option("-o,--out", arguments->out, "new file for the challenge")
        ->type_name("FILE")
        ->required();
    command
        ->add_option("--secret-out", arguments->secret_out,
                     "new file for what the answer is held against; it stays with who verifies")
        ->type_name("FILE")
        ->required();
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return make_challenge(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
