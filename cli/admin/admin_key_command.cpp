// SPDX-License-Identifier: Apache-2.0
#include "base/derived_admin_key.hpp"
#include "cli/admin/commands.hpp"
#include "cli/admin_key_source.hpp"
#include "cli/secret_hex.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* derive_examples =
    "The key is HKDF-SHA256 of the master secret, with \"tpmvsc admin key\", the cipher's name "
    "and\n"
    "the card's id as info; doc/administration.md has the details.\n\n"
    "Examples:\n"
    "  tpmvsc-admin admin-key derive --master file:/root/master --card 0f6c…\n";

constexpr const char* open_examples =
    "Examples:\n"
    "  tpmvsc-admin admin-key open laptop-12345678.cms --key escrow.pem\n"
    "  openssl cms -decrypt -inform PEM -in laptop-12345678.cms -inkey escrow.pem\n"
    "      does the same\n";

constexpr SecretForms given{.well_known_and_random = false};

struct DeriveArguments {
    std::string master = "prompt";
    std::string card_id;
    std::string algorithm = "tdes";
};

struct OpenArguments {
    std::string file;
    std::string key;
    std::string passphrase = "prompt";
};

ExitCode derive(const DeriveArguments& arguments, Output& output) {
    const Bytes id = parse_card_id(arguments.card_id);
    const SecretBytes master =
        read_master("--master", parse_secret_source("--master", arguments.master, given));
    const SecretBytes key =
        derive_admin_key(master.view(), *find_admin_cipher(arguments.algorithm), id);
    std::vector<ShownSecret> shown;
    shown.emplace_back("admin_key", encode_hex(key.view()));
    output.secrets(shown);
    if (output.json) {
        output.document({{"id", to_hex(id)}, {"algorithm", arguments.algorithm}});
    }
    return ExitCode::done;
}

ExitCode open(const OpenArguments& arguments, Output& output) {
    EscrowRecord record =
        open_escrow(arguments.file, arguments.key,
                    parse_secret_source("--passphrase", arguments.passphrase, given));
    output.line("Card \"" + printable(record.name) + "\", " + printable(record.profile) +
                ", serial " + std::to_string(record.serial) + ", id " + printable(record.card_id) +
                ", made " + printable(record.created) + ". Its admin key is for " +
                printable(record.admin_algorithm) + ".");
    std::vector<ShownSecret> shown;
    shown.emplace_back("admin_key", encode_hex(record.admin_key.view()));
    if (!record.puk.empty()) {
        shown.emplace_back("puk", std::move(record.puk));
    }
    output.secrets(shown);
    if (output.json) {
        output.document({{"name", record.name},
                         {"profile", record.profile},
                         {"serial", record.serial},
                         {"id", record.card_id},
                         {"created", record.created},
                         {"algorithm", record.admin_algorithm}});
    }
    return ExitCode::done;
}

void declare_derive(CLI::App& command, DeriveArguments& arguments) {
    command
        .add_option("--master", arguments.master,
                    "the master secret in hexadecimal: prompt, file:PATH, fd:N or -")
        ->capture_default_str();
    command.add_option("--card", arguments.card_id, "id of the card (tpmvsc info shows it)")
        ->required();
    command.add_option("--algorithm", arguments.algorithm, "cipher of the admin key")
        ->check(CLI::IsMember({"tdes", "aes128", "aes192", "aes256"}))
        ->capture_default_str();
}

void declare_open(CLI::App& command, OpenArguments& arguments) {
    command
        .add_option("file", arguments.file, "escrow file, as tpmvsc create --escrow-to writes it")
        ->type_name("FILE")
        ->required();
    command.add_option("--key", arguments.key, "the recipient's private key, PEM")
        ->type_name("FILE")
        ->required();
    command
        .add_option("--passphrase", arguments.passphrase,
                    "passphrase of that key: prompt, file:PATH, fd:N or -")
        ->capture_default_str();
}

} // namespace

void add_admin_key_command(CLI::App& app, Output& output, Chosen& chosen) {
    CLI::App* admin_key =
        app.add_subcommand("admin-key", "a card's admin key, from where it is kept");
    admin_key->require_subcommand(1);

    const auto derived = std::make_shared<DeriveArguments>();
    CLI::App* derive_command =
        admin_key->add_subcommand("derive", "derive a card's admin key from the master secret");
    declare_derive(*derive_command, *derived);
    add_common_options(*derive_command, output, derive_examples);
    derive_command->callback(
        [&chosen, derived] { chosen = [derived](Output& out) { return derive(*derived, out); }; });

    const auto opened = std::make_shared<OpenArguments>();
    CLI::App* open_command =
        admin_key->add_subcommand("open", "read a card's admin key from an escrow file");
    declare_open(*open_command, *opened);
    add_common_options(*open_command, output, open_examples);
    open_command->callback(
        [&chosen, opened] { chosen = [opened](Output& out) { return open(*opened, out); }; });
}

} // namespace tpmvsc::cli
