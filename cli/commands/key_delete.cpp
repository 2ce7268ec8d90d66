// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/confirmation.hpp"
#include "cli/commands/key_commands.hpp"
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
                                 "  tpmvsc key delete 82\n"
                                 "      asks back first\n"
                                 "  tpmvsc key delete 82 --admin-key file:/run/admin --force\n";

ExitCode delete_key(const KeyArguments& arguments, Output& output) {
    const card::KeySlot slot = parse_slot(arguments.slot);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    require_piv(card, "key delete");
    const auto key = key_in(card, slot);
    if (!key) {
        throw Failure(ExitCode::failed, "there is no key in " + slot_title(slot));
    }
    confirm(arguments.force, "This deletes " + key_title(key->algorithm, slot) + " of " +
                                 card.title() +
                                 " for good. What was encrypted for it cannot be read any more.");
    const SecretBytes admin_key = read_known_admin_key(arguments.admin_key, card);
    bool certificate_left = false;
    {
        CardInUse use(card);
        use.piv().show_admin_key(admin_key.view());
        use.piv().delete_key(slot);
        certificate_left = use.piv().read_object(x509::certificate_tag(slot)).has_value();
    }
    if (certificate_left) {
        output.warning("its certificate is still there (tpmvsc cert delete " + slot_text(slot) +
                       ")");
    }
    tell(output, card, "Deleted " + key_title(key->algorithm, slot) + " of " + card.title() + ".",
         {{"deleted", key_json(key->algorithm, slot)}});
    return ExitCode::done;
}

} // namespace

void add_key_delete(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<KeyArguments>();
    CLI::App* command = noun.add_subcommand("delete", "delete a key for good");
    add_slot(*command, *arguments);
    add_admin_key_option(*command, arguments->admin_key);
    add_force(*command, *arguments);
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return delete_key(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
