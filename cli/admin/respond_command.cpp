// SPDX-License-Identifier: Apache-2.0
#include "base/derived_admin_key.hpp"
#include "cli/admin/commands.hpp"
#include "cli/admin/pkcs11_signer.hpp"
#include "cli/admin_key_source.hpp"
#include "cli/authority_key.hpp"
#include "cli/pem_file.hpp"
#include "cli/qr_code.hpp"
#include "cli/terminal.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

constexpr const char* examples =
    "The answer lets whoever has the card set a new PIN: make sure who is on the line.\n\n"
    "Examples:\n"
    "  tpmvsc-admin respond --key help-desk.pem\n"
    "      asks for the challenge, answers with the authority's private key\n"
    "  tpmvsc-admin respond --key 'pkcs11:token=Help%20desk;object=reset'\n"
    "      the same with a key in a smart card or hardware security module\n"
    "  tpmvsc-admin respond 040G-40R4-208H-44RM-2MB1-F951\n"
    "      asks for the card's admin key\n"
    "  tpmvsc-admin respond --escrow laptop-12345678.cms --key escrow.pem\n"
    "  tpmvsc-admin respond --master file:/root/master --card-id 0f6c…\n"
    "      the admin key from where it is kept, or derived anew\n";

struct RespondArguments {
    std::string challenge;
    std::string admin_key;
    std::string master;
    std::string card_id;
    std::string escrow;
    std::string key;
    std::string pin = "prompt";
    std::string passphrase = "prompt";
    bool yes = false;
    bool qr = false;
};

constexpr SecretForms given{.well_known_and_random = false};

std::string ask_challenge(const RespondArguments& arguments) {
    if (arguments.challenge == "-") {
        std::string line;
        if (!std::getline(std::cin, line)) {
            throw Failure(ExitCode::failed, "no challenge on standard input");
        }
        return line;
    }
    if (!arguments.challenge.empty()) {
        return arguments.challenge;
    }
    return Terminal("give the challenge as argument").ask("Challenge");
}

ResetChallenge read_challenge(const RespondArguments& arguments) {
    const auto read = parse_challenge(ask_challenge(arguments));
    if (!read.value) {
        throw Failure(ExitCode::usage, read.complaint);
    }
    return *read.value;
}

/// What answers a challenge of this kind, for people.
std::string answered_by(ResetKind kind) {
    const AdminCipher* cipher = find_admin_cipher(kind);
    return cipher == nullptr ? "the authority's private key"
                             : "the card's admin key (" + std::string(cipher->name) + ")";
}

/// Refuses keys that cannot answer this challenge, before any is asked for.
void require_fitting_key(const RespondArguments& arguments, ResetKind kind) {
    const bool for_authority = kind == ResetKind::authority;
    const bool names_admin_key =
        !arguments.admin_key.empty() || !arguments.master.empty() || !arguments.escrow.empty();
    if (for_authority && (names_admin_key || arguments.key.empty())) {
        throw Failure(ExitCode::usage, "this challenge is answered by the authority's private key "
                                       "(--key FILE or a PKCS#11 URI), not by an admin key");
    }
    if (!for_authority && arguments.escrow.empty() && !arguments.key.empty()) {
        throw Failure(ExitCode::usage,
                      "this challenge is answered by " + answered_by(kind) +
                          ", not by an authority's key: --admin-key, --master or --escrow");
    }
    if (!arguments.escrow.empty() && arguments.key.empty()) {
        throw Failure(ExitCode::usage, "--escrow wants the recipient's private key: --key FILE");
    }
}

void confirm(const RespondArguments& arguments, const ResetChallenge& challenge, Output& output) {
    output.progress("Card with the serial number " + std::to_string(challenge.serial) +
                    "; answered by " + answered_by(challenge.kind) + ".");
    if (arguments.yes) {
        return;
    }
    const Terminal terminal("say --yes when it is certain whose card this is");
    const std::string answer =
        terminal.ask("Is this the card of the person who asks, and are you sure who that is? "
                     "[yes/no]");
    if (answer != "yes") {
        throw Failure(ExitCode::failed, "nothing was answered");
    }
}

SecretBytes derive(const RespondArguments& arguments, const AdminCipher& cipher) {
    const SecretBytes master =
        read_master("--master", parse_secret_source("--master", arguments.master, given));
    const std::string id =
        arguments.card_id.empty()
            ? Terminal("give --card-id, which the inventory has (tpmvsc list --json)")
                  .ask("Id of the card (tpmvsc info shows it)")
            : arguments.card_id;
    return derive_admin_key(master.view(), cipher, parse_card_id(id));
}

SecretBytes take_from_escrow(const RespondArguments& arguments, const ResetChallenge& challenge,
                             const AdminCipher& cipher) {
    EscrowRecord record =
        open_escrow(arguments.escrow, arguments.key,
                    parse_secret_source("--passphrase", arguments.passphrase, given));
    if (record.serial != challenge.serial) {
        throw Failure(ExitCode::failed, "this escrow file is of the card with the serial number " +
                                            std::to_string(record.serial) + ", the challenge of " +
                                            std::to_string(challenge.serial));
    }
    if (record.admin_algorithm != cipher.name || record.admin_key.size() != cipher.key_bytes) {
        throw Failure(ExitCode::failed, "the admin key in this escrow file is for " +
                                            printable(record.admin_algorithm) +
                                            ", the challenge wants " + std::string(cipher.name) +
                                            ": the card's key was changed");
    }
    return std::move(record.admin_key);
}

SecretBytes obtain_admin_key(const RespondArguments& arguments, const ResetChallenge& challenge,
                             const AdminCipher& cipher) {
    if (!arguments.escrow.empty()) {
        return take_from_escrow(arguments, challenge, cipher);
    }
    if (!arguments.master.empty()) {
        return derive(arguments, cipher);
    }
    const std::string source = arguments.admin_key.empty() ? "prompt" : arguments.admin_key;
    return read_admin_key(parse_secret_source("--admin-key", source, given), cipher);
}

ResetAnswer sign(const RespondArguments& arguments, const ResetChallenge& challenge) {
    if (is_pkcs11_uri(arguments.key)) {
        return sign_with_token(arguments.key, parse_secret_source("--pin", arguments.pin, given),
                               challenge);
    }
    const openssl::Key key = load_private_key(
        arguments.key, parse_secret_source("--passphrase", arguments.passphrase, given));
    (void)authority_key(*key, arguments.key); // refuses other kinds
    return sign_challenge(*key, challenge);
}

/// Breaks a long answer into lines for people; scripts get one.
std::string in_lines(const std::string& text) {
    constexpr std::size_t line_characters = 8 * 5; // groups of four, each with a dash
    if (::isatty(STDOUT_FILENO) != 1) {
        return text;
    }
    std::string lines;
    for (std::size_t start = 0; start < text.size(); start += line_characters) {
        lines += (start == 0 ? "" : "\n") + text.substr(start, line_characters);
    }
    return lines;
}

void print(const ResetAnswer& answer, const ResetChallenge& challenge, bool qr, Output& output) {
    std::string text = to_text(answer, challenge);
    if (output.json) {
        output.document({{"serial", challenge.serial},
                         {"answered_by", answered_by(challenge.kind)},
                         {"answer", text}});
        return;
    }
    output.line(in_lines(text));
    if (!qr) {
        return;
    }
    text.erase(std::remove(text.begin(), text.end(), '-'), text.end());
    if (const auto drawing = qr_code_for(STDOUT_FILENO, text)) {
        output.line(*drawing);
    } else {
        output.progress("A QR code cannot be shown here: that takes a terminal that speaks UTF-8 "
                        "and is wide enough.");
    }
}

ExitCode respond(const RespondArguments& arguments, Output& output) {
    const ResetChallenge challenge = read_challenge(arguments);
    require_fitting_key(arguments, challenge.kind);
    confirm(arguments, challenge, output);
    const AdminCipher* cipher = find_admin_cipher(challenge.kind);
    const ResetAnswer answer =
        cipher == nullptr
            ? sign(arguments, challenge)
            : answer_challenge(challenge, obtain_admin_key(arguments, challenge, *cipher).view());
    print(answer, challenge, arguments.qr, output);
    return ExitCode::done;
}

void declare_options(CLI::App& command, RespondArguments& arguments) {
    const std::string forms = ": prompt, file:PATH, fd:N or - (standard input)";
    command.add_option("challenge", arguments.challenge,
                       "what the card's holder reads out; - reads standard input, asked for when "
                       "absent");
    CLI::Option* admin_key = command.add_option("--admin-key", arguments.admin_key,
                                                "the card's admin key in hexadecimal" + forms);
    CLI::Option* master =
        command
            .add_option("--master", arguments.master,
                        "master secret that the admin key is derived from, in hexadecimal" + forms)
            ->excludes(admin_key);
    command.add_option("--card-id", arguments.card_id, "id of the card, for --master")
        ->needs(master);
    command.add_option("--escrow", arguments.escrow, "escrow file that has the card's admin key")
        ->type_name("FILE")
        ->excludes(admin_key)
        ->excludes(master);
    command
        .add_option("--key", arguments.key,
                    "private key: of the authority (PEM file, or pkcs11: URI), or the one that "
                    "opens the escrow file")
        ->type_name("FILE");
    command.add_option("--pin", arguments.pin, "PIN of the PKCS#11 token" + forms)
        ->capture_default_str();
    command
        .add_option("--passphrase", arguments.passphrase,
                    "passphrase of the PEM file, where it has one" + forms)
        ->capture_default_str();
    command.add_flag("--yes", arguments.yes, "do not ask whose card it is");
    command.add_flag("--qr", arguments.qr, "show the answer as QR code as well");
}

} // namespace

void add_respond_command(CLI::App& app, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<RespondArguments>();
    CLI::App* command =
        app.add_subcommand("respond", "answer a card's challenge, so that a new PIN can be set");
    declare_options(*command, *arguments);
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return respond(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
