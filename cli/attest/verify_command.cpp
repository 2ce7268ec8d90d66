// SPDX-License-Identifier: Apache-2.0
#include "base/crypto.hpp"
#include "cli/attest/attest_commands.hpp"
#include "cli/attest/maker_name.hpp"
#include "cli/attest/verdict.hpp"
#include "cli/attest/x509_parts.hpp"
#include "cli/colour.hpp"
#include "cli/openssl.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

#include <openssl/pem.h>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  tpmvsc attest verify bundle.json --roots makers.pem --answer answer.json --secret "
    "secret.json\n"
    "      all of it: the key is in a TPM of one of these makers, cannot leave it, and wants a "
    "PIN\n"
    "  tpmvsc attest verify bundle.json --require pin\n"
    "      what the statements say, whoever has made them\n"
    "  tpmvsc-admin attest verify bundle.json --roots makers.pem --answer answer.json \\\n"
    "      --secret secret.json --nonce 8b12... --require tpm,pin,tries,nonce --json\n"
    "Exit code: 0 all that is required is proved, 1 it is not, or something is wrong.\n";

struct VerifyArguments {
    std::string bundle;
    std::vector<std::string> roots;
    std::string answer;
    std::string secret;
    std::string nonce;
    std::string certificate;
    std::vector<std::string> required{attest::check_tpm, attest::check_pin};
};

Bytes read_file(const std::string& path) {
    return to_bytes(openssl::read_file(path).view());
}

/// PEM or DER.
Bytes read_certificate(const std::string& path) {
    const Bytes content = read_file(path);
    const openssl::Bio bio = openssl::reader(content);
    const openssl::Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    openssl::reason();
    if (!certificate) {
        return content;
    }
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate.get(), &der);
    openssl::require(size > 0, "i2d_X509");
    Bytes result(der, der + size);
    OPENSSL_free(der);
    return result;
}

attest::Evidence collect(const VerifyArguments& arguments) {
    if (arguments.answer.empty() != arguments.secret.empty()) {
        throw Failure(ExitCode::usage, "--answer and --secret belong together: the secret is the "
                                       "file that tpmvsc attest challenge has written beside the "
                                       "challenge");
    }
    attest::Evidence evidence;
    if (!arguments.nonce.empty()) {
        evidence.nonce = from_hex(arguments.nonce);
        if (!evidence.nonce) {
            throw Failure(ExitCode::usage, "--nonce takes hexadecimal digits");
        }
    }
    evidence.bundle = attest::read_bundle(read_file(arguments.bundle), arguments.bundle);
    if (!arguments.answer.empty()) {
        evidence.answer = attest::read_answer(read_file(arguments.answer), arguments.answer);
        evidence.expectation =
            attest::read_expectation(openssl::read_file(arguments.secret).view(), arguments.secret);
    }
    if (!arguments.certificate.empty()) {
        evidence.bundle.endorsement_certificate = read_certificate(arguments.certificate);
    }
    evidence.roots = arguments.roots;
    return evidence;
}

const char* need_name(attest::PinNeed need) {
    switch (need) {
    case attest::PinNeed::never:
        return "never";
    case attest::PinNeed::once:
        return "once";
    default:
        return "always";
    }
}

std::string public_key_pem(ByteView info) {
    const openssl::Bio bio = openssl::writer();
    openssl::require(PEM_write_bio(bio.get(), PEM_STRING_PUBLIC, "", info.data(),
                                   static_cast<long>(info.size())) > 0,
                     "PEM_write_bio");
    const ByteView text = openssl::written(bio);
    return {text.begin(), text.end()};
}

Json key_json(const attest::KeyFacts& key) {
    Json json{{"algorithm", key.kind},
              {"fingerprint", to_hex(crypto::sha256({key.public_key}))},
              {"public_key", public_key_pem(key.public_key)},
              {"pin_policy", need_name(key.pin)},
              {"own_tries", key.own_tries},
              {"nonce", to_hex(key.nonce)}};
    json["tries"] =
        key.tries ? Json{{"limit", key.tries->limit}, {"used", key.tries->used}} : Json(nullptr);
    return json;
}

Json make_json(const std::optional<attest::TpmMake>& make) {
    if (!make) {
        return nullptr;
    }
    return {{"manufacturer", make->manufacturer},
            {"maker", maker_name(make->manufacturer)},
            {"model", make->model},
            {"version", make->version},
            {"certificate_issuer", make->issuer}};
}

Json checks_json(const attest::Verdict& verdict) {
    Json list = Json::array();
    for (const attest::Check& check : verdict.checks) {
        list.push_back({{"check", check.name},
                        {"state", attest::state_name(check.state)},
                        {"text", check.text}});
    }
    return list;
}

std::string state_text(attest::Check::State state) {
    using State = attest::Check::State;
    const Colour colour = state == State::proved   ? Colour::good
                          : state == State::failed ? Colour::bad
                                                   : Colour::caution;
    return in_colour(colour, attest::state_name(state), STDOUT_FILENO);
}

void print(const attest::Verdict& verdict, Output& output) {
    output.line("Key: " + verdict.key.kind + ", SHA-256 " +
                to_hex(crypto::sha256({verdict.key.public_key})));
    std::vector<std::vector<std::string>> rows;
    for (const attest::Check& check : verdict.checks) {
        rows.push_back({state_text(check.state), check.name, check.text});
    }
    std::string text = table(rows);
    text.pop_back();
    output.line(text);
    if (verdict.key.pin == attest::PinNeed::always) {
        output.line("That the PIN is wanted for each single use is the card's word.");
    }
}

std::string join(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

ExitCode refuse(const std::string& why, Output& output) {
    if (output.json) {
        output.document({{"proved", false}, {"refused", why}});
        return ExitCode::failed;
    }
    throw Failure(ExitCode::failed, "refused: " + why);
}

ExitCode verify(const VerifyArguments& arguments, Output& output) {
    const attest::Evidence evidence = collect(arguments);
    attest::Verdict verdict;
    try {
        verdict = attest::judge(evidence);
    } catch (const attest::Refused& refused) {
        return refuse(refused.what(), output);
    }
    std::vector<std::string> missing;
    std::copy_if(arguments.required.begin(), arguments.required.end(), std::back_inserter(missing),
                 [&verdict](const std::string& name) { return !verdict.proves(name); });
    const bool proved = missing.empty() && !verdict.any_failed();
    if (output.json) {
        output.document({{"proved", proved},
                         {"required", arguments.required},
                         {"missing", missing},
                         {"key", key_json(verdict.key)},
                         {"tpm", make_json(verdict.make)},
                         {"checks", checks_json(verdict)}});
        return proved ? ExitCode::done : ExitCode::failed;
    }
    print(verdict, output);
    if (!proved) {
        throw Failure(ExitCode::failed, missing.empty()
                                            ? "something that was given is wrong, see above"
                                            : "not proved: " + join(missing));
    }
    output.line("Proved: " + join(arguments.required) + ".");
    return ExitCode::done;
}

} // namespace

void add_attest_verify(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<VerifyArguments>();
    CLI::App* command = noun.add_subcommand("verify", "say what a bundle proves, and what not");
    command->add_option("bundle", arguments->bundle, "what the card's holder has sent")
        ->type_name("FILE")
        ->required();
    command
        ->add_option("--roots", arguments->roots,
                     "certificates of the TPM makers that are trusted; others in these files are "
                     "taken as issuers between")
        ->type_name("FILE");
    command->add_option("--answer", arguments->answer, "the holder's answer to the challenge")
        ->type_name("FILE");
    command->add_option("--secret", arguments->secret, "what was kept when the challenge was made")
        ->type_name("FILE");
    command
        ->add_option("--nonce", arguments->nonce,
                     "what was given for tpmvsc key attest --nonce, in hexadecimal")
        ->type_name("HEX");
    command
        ->add_option("--endorsement-certificate", arguments->certificate,
                     "the TPM's certificate, where its maker gives it elsewhere than in the TPM")
        ->type_name("FILE");
    command
        ->add_option("--require", arguments->required,
                     "what has to be proved, comma-separated: tpm (a TPM has made the key and "
                     "keeps it), pin (it wants one), tries (how many), nonce, statement")
        ->delimiter(',')
        ->check(CLI::IsMember({"tpm", "pin", "tries", "nonce", "statement"}))
        ->capture_default_str();
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return verify(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
