// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/cert_commands.hpp"
#include "cli/commands/certificate_report.hpp"
#include "cli/commands/certificate_slot.hpp"
#include "cli/commands/confirmation.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/known_secret.hpp"
#include "cli/commands/slot.hpp"
#include "cli/commands/tell.hpp"
#include "cli/x509/certificate_object.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* examples = "Examples:\n"
                                 "  tpmvsc cert delete 9a\n"
                                 "      asks back first; the key stays\n"
                                 "  tpmvsc cert delete 9a --admin-key file:/run/admin --force\n";

ExitCode delete_certificate(const KeyArguments& arguments, Output& output) {
    const card::KeySlot slot = parse_slot(arguments.slot);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    require_piv(card, "cert delete");
    const std::uint32_t tag = x509::certificate_tag(slot);
    if (!CardInUse(card).piv().read_object(tag)) { // one that is damaged can be deleted as well
        throw Failure(ExitCode::failed, "there is no certificate in " + slot_title(slot));
    }
    confirm(arguments.force, "This deletes the certificate in " + slot_title(slot) + " of " +
                                 card.title() + ". Programs do not find a key without one.");
    const SecretBytes admin_key = read_known_admin_key(arguments.admin_key, card);
    {
        CardInUse use(card);
        use.piv().show_admin_key(admin_key.view());
        x509::remove_certificate(use.piv(), slot);
    }
    tell(output, card,
         "Deleted the certificate in " + slot_title(slot) + " of " + card.title() + ".",
         {{"deleted", slot_text(slot)}});
    return ExitCode::done;
}

} // namespace

void add_cert_delete(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<KeyArguments>();
    CLI::App* command = noun.add_subcommand("delete", "delete a certificate; its key stays");
    add_slot(*command, *arguments);
    add_admin_key_option(*command, arguments->admin_key);
    add_force(*command, *arguments);
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return delete_certificate(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
