// SPDX-License-Identifier: Apache-2.0
#include "cli/admin/commands.hpp"
#include "cli/authority_key.hpp"
#include "cli/new_file.hpp"
#include "cli/pem_file.hpp"
#include "cli/terminal.hpp"

#include <CLI/CLI.hpp>

#include <climits>
#include <memory>
#include <openssl/pem.h>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

constexpr const char* new_examples =
    "Examples:\n"
    "  tpmvsc-admin authority new --out help-desk.pem\n"
    "      makes help-desk.pem, which the help desk keeps, and help-desk.pub.pem, which\n"
    "      \"tpmvsc create --authority\" wants\n"
    "A key of another origin does as well: P-256, or RSA of 2048, 3072 or 4096 bits.\n";

constexpr const char* show_examples =
    "Examples:\n"
    "  tpmvsc-admin authority show help-desk.pub.pem\n"
    "      the fingerprint is the one that \"tpmvsc info\" shows for a card\n";

struct AuthorityArguments {
    std::string file;
    std::string passphrase = "prompt";
};

constexpr SecretForms new_passphrase{.well_known_and_random = false, .none = true};

std::string public_path(const std::string& path) {
    const std::string ending = ".pem";
    const bool ends = path.size() > ending.size() && path.ends_with(ending);
    return path.substr(0, path.size() - (ends ? ending.size() : 0)) + ".pub.pem";
}

/// Empty: the file is not to be encrypted.
SecretBytes choose_passphrase(const SecretSource& source) {
    if (source.kind == SecretSource::Kind::none) {
        return {};
    }
    if (source.kind != SecretSource::Kind::prompt) {
        SecretBytes passphrase = read_secret("--passphrase", source);
        if (passphrase.empty()) {
            throw Failure(ExitCode::usage,
                          "--passphrase: it is empty; say none where none is meant");
        }
        return passphrase;
    }
    const Terminal terminal("give --passphrase file:PATH, fd:N, - (standard input) or none");
    SecretBytes first = terminal.ask_secret("New passphrase of the private key");
    const SecretBytes second = terminal.ask_secret("New passphrase again");
    if (first.empty() || !equal_secret(first.view(), second.view())) {
        throw Failure(ExitCode::usage,
                      first.empty() ? "no passphrase was given" : "the two are not the same");
    }
    return first;
}

void write_private_key(const std::string& path, EVP_PKEY& key, SecretBytes passphrase) {
    const openssl::Bio bio = openssl::writer();
    const bool bare = passphrase.empty();
    openssl::require(PEM_write_bio_PKCS8PrivateKey(
                         bio.get(), &key, bare ? nullptr : EVP_aes_256_cbc(),
                         bare ? nullptr : reinterpret_cast<char*>(passphrase.span().data()),
                         static_cast<int>(passphrase.size()), nullptr, nullptr) == 1,
                     "PEM_write_bio_PKCS8PrivateKey");
    write_new_file(path, openssl::written(bio), 0600);
}

void write_public_key(const std::string& path, EVP_PKEY& key) {
    const openssl::Bio bio = openssl::writer();
    openssl::require(PEM_write_bio_PUBKEY(bio.get(), &key) == 1, "PEM_write_bio_PUBKEY");
    write_new_file(path, openssl::written(bio), 0644);
}

ExitCode make_authority(const AuthorityArguments& arguments, Output& output) {
    const SecretSource source =
        parse_secret_source("--passphrase", arguments.passphrase, new_passphrase);
    const openssl::Key key = new_authority_key();
    const std::string path = public_path(arguments.file);
    write_private_key(arguments.file, *key, choose_passphrase(source));
    try {
        write_public_key(path, *key);
    } catch (...) {
        ::unlink(arguments.file.c_str());
        throw;
    }
    const AuthorityKey authority = authority_key(*key, arguments.file);
    if (output.json) {
        output.document({{"private_key", arguments.file},
                         {"public_key", path},
                         {"algorithm", authority.algorithm},
                         {"fingerprint", authority.fingerprint}});
    }
    output.line("Private key: " + arguments.file + " (keep it safe: it has PINs reset)");
    output.line("Public key:  " + path + " (for tpmvsc create --authority)");
    output.line("Fingerprint: " + authority.fingerprint);
    return ExitCode::done;
}

ExitCode show_authority(const AuthorityArguments& arguments, Output& output) {
    const SecretSource source =
        parse_secret_source("--passphrase", arguments.passphrase, {.well_known_and_random = false});
    const AuthorityKey authority =
        authority_key(*load_public_key(arguments.file, &source), arguments.file);
    if (output.json) {
        output.document(
            {{"algorithm", authority.algorithm}, {"fingerprint", authority.fingerprint}});
    }
    output.line("Algorithm:   " + authority.algorithm);
    output.line("Fingerprint: " + authority.fingerprint);
    return ExitCode::done;
}

} // namespace

void add_authority_command(CLI::App& app, Output& output, Chosen& chosen) {
    CLI::App* authority =
        app.add_subcommand("authority", "the key pair by which a help desk has PINs reset");
    authority->require_subcommand(1);

    const auto made = std::make_shared<AuthorityArguments>();
    CLI::App* make = authority->add_subcommand("new", "make an authority's key pair (P-256)");
    make->add_option("--out", made->file,
                     "file for the private key; the public one goes beside it, as .pub.pem")
        ->type_name("FILE")
        ->required();
    make->add_option("--passphrase", made->passphrase,
                     "what the private key is encrypted by: prompt, file:PATH, fd:N, - (standard "
                     "input) or none")
        ->capture_default_str();
    add_common_options(*make, output, new_examples);
    make->callback(
        [&chosen, made] { chosen = [made](Output& out) { return make_authority(*made, out); }; });

    const auto shown = std::make_shared<AuthorityArguments>();
    CLI::App* show =
        authority->add_subcommand("show", "show the fingerprint of an authority's key");
    show->add_option("file", shown->file, "public key, certificate or private key, PEM")
        ->type_name("FILE")
        ->required();
    show->add_option("--passphrase", shown->passphrase,
                     "passphrase of a private key: prompt, file:PATH, fd:N or -")
        ->capture_default_str();
    add_common_options(*show, output, show_examples);
    show->callback([&chosen, shown] {
        chosen = [shown](Output& out) { return show_authority(*shown, out); };
    });
}

} // namespace tpmvsc::cli
