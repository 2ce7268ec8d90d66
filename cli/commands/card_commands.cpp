// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_commands.hpp"

#include "cli/commands/cert_commands.hpp"
#include "cli/commands/key_commands.hpp"
#include "cli/commands/noun.hpp"

namespace tpmvsc::cli {
namespace {

void add_key_commands(CLI::App& app, Output& output, Chosen& chosen) {
    CLI::App& key = noun(app, "key", "the keys of a card");
    add_key_generate(key, output, chosen);
    add_key_import(key, output, chosen);
    add_key_info(key, output, chosen);
    add_key_move(key, output, chosen);
    add_key_delete(key, output, chosen);
    add_key_attest(key, output, chosen);
}

void add_cert_commands(CLI::App& app, Output& output, Chosen& chosen) {
    CLI::App& cert = noun(app, "cert", "the certificates of a card");
    add_cert_request(cert, output, chosen);
    add_cert_countersign(cert, output, chosen);
    add_cert_self_sign(cert, output, chosen);
    add_cert_import(cert, output, chosen);
    add_cert_export(cert, output, chosen);
    add_cert_renew(cert, output, chosen);
    add_cert_delete(cert, output, chosen);
}

} // namespace

void add_card_commands(CLI::App& app, Output& output, Chosen& chosen) {
    add_pin_commands(app, output, chosen);
    add_unblock_command(noun(app, "pin", ""), output, chosen);
    add_pin_set_policy(app, output, chosen);
    add_admin_key_commands(app, output, chosen);
    add_unblock_command(app, output, chosen);
    add_key_commands(app, output, chosen);
    add_cert_commands(app, output, chosen);
    add_object_commands(app, output, chosen);
}

} // namespace tpmvsc::cli
