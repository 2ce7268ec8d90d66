// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/key_commands.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/tell.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* key_move_examples =
    "Examples:\n"
    "  tpmvsc key move 9d 82\n"
    "      keeps the former decryption key, so that old mail stays readable\n"
    "  tpmvsc key move retired-1 key-management --admin-key file:/run/admin\n";

struct MoveArguments : KeyArguments {
    std::string to;
};

ExitCode move_key(const MoveArguments& arguments, Output& output) {
    const ChosenCard card = ask_chosen_card(arguments.choice);
    require_piv(card, "key move");
    const card::KeySlot from = parse_slot(arguments.slot);
    const card::KeySlot to = parse_slot(arguments.to);
    const auto key = key_in(card, from);
    if (!key) {
        throw Failure(ExitCode::failed, "there is no key in " + slot_title(from));
    }
    if (key_in(card, to)) {
        throw Failure(ExitCode::failed, slot_title(to) + " holds a key already: choose another "
                                                         "slot, or delete that key first");
    }
    const Authorisation authorisation(arguments.secrets, card,
                                      {.makes_key = false, .writes = true, .signs_with = {}});
    {
        CardInUse use(card);
        authorisation.show(use.keys());
        use.piv().move_pair(from, to);
    }
    tell(output, card,
         "Moved " + key_title(key->algorithm, from) + " of " + card.title() +
             " and its certificate to " + slot_title(to) + ".",
         {{"moved", key_json(key->algorithm, from)}, {"to", slot_text(to)}});
    return ExitCode::done;
}

} // namespace

void add_key_move(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<MoveArguments>();
    CLI::App* command =
        noun.add_subcommand("move", "move a key and its certificate to an empty slot");
    add_slot(*command, *arguments);
    command->add_option("to", arguments->to, "the empty slot")->type_name("SLOT")->required();
    add_secrets(*command, *arguments);
    add_common_options(*command, output, key_move_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return move_key(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
