// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/cert_commands.hpp"
#include "cli/commands/delete_options.hpp"
#include "cli/commands/tell.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* cert_delete_examples =
    "Examples:\n"
    "  tpmvsc cert delete 9a\n"
    "      asks back first; the key stays\n"
    "  tpmvsc cert delete 9a --admin-key file:/run/admin --force\n";

ExitCode delete_certificate(const KeyArguments& arguments, Output& output) {
    const ChosenCard card = ask_chosen_card(arguments.choice);
    const Slot slot = parse_slot_on(card, arguments.slot);
    if (!CardInUse(card).keys().has_certificate(slot.number)) { // a damaged one can be deleted
        throw Failure(ExitCode::failed, "there is no certificate in " + slot_title(slot));
    }
    confirm_deletion(arguments, "This deletes the certificate in " + slot_title(slot) + " of " +
                                    card.title() + ". Programs do not find a key without one.");
    const Authorisation authorisation(arguments.secrets, card, deletion);
    {
        CardInUse use(card);
        authorisation.show(use.keys());
        use.keys().remove_certificate(slot.number);
    }
    tell(output, card,
         "Deleted the certificate in " + slot_title(slot) + " of " + card.title() + ".",
         {{"deleted", key_reference_text(slot.number)}});
    return ExitCode::done;
}

} // namespace

void add_cert_delete(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<KeyArguments>();
    CLI::App* command = noun.add_subcommand("delete", "delete a certificate; its key stays");
    add_delete_options(*command, *arguments);
    add_common_options(*command, output, cert_delete_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return delete_certificate(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
