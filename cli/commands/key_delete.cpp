// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/delete_options.hpp"
#include "cli/commands/key_commands.hpp"
#include "cli/commands/tell.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* key_delete_examples =
    "Examples:\n"
    "  tpmvsc key delete 82\n"
    "      asks back first\n"
    "  tpmvsc key delete 82 --admin-key file:/run/admin --force\n"
    "  tpmvsc key delete 0\n"
    "      on a GIDS card: the container, with its certificate\n";

/// What is deleted, once it is clear that there is something: a container may have lost its key.
struct Doomed {
    std::string title;
    Json json;
    bool has_key = false;
    bool has_certificate = false;
};

Doomed look_at(const ChosenCard& card, const Slot& slot) {
    CardInUse use(card);
    const bool had_certificate = use.keys().has_certificate(slot.number);
    if (const auto key = key_in(card, slot.number)) {
        return {key_title(key->algorithm, slot), key_json(key->algorithm, slot), true,
                had_certificate};
    }
    if (use.keys().label(slot.number)) {
        Json json = slot_json(slot);
        json["algorithm"] = nullptr;
        return {"the entry of " + slot_title(slot) + ", which has no key,", std::move(json), false,
                had_certificate};
    }
    throw Failure(ExitCode::failed, "there is no key in " + slot_title(slot));
}

ExitCode delete_key(const KeyArguments& arguments, Output& output) {
    const ChosenCard card = ask_chosen_card(arguments.choice);
    const Slot slot = parse_slot_on(card, arguments.slot);
    const Doomed doomed = look_at(card, slot);
    if (doomed.has_key) {
        confirm_deletion(arguments, "This deletes " + doomed.title + " of " + card.title() +
                                        " for good. What was encrypted for it cannot be read any "
                                        "more.");
    }
    const Authorisation authorisation(arguments.secrets, card, deletion);
    bool certificate_left = false;
    {
        CardInUse use(card);
        authorisation.show(use.keys());
        use.keys().delete_key(slot.number);
        certificate_left = use.keys().has_certificate(slot.number);
    }
    if (certificate_left) {
        output.warning("its certificate is still there (tpmvsc cert delete " + slot_text(slot) +
                       ")");
    }
    const bool certificate_gone = doomed.has_certificate && !certificate_left;
    tell(output, card,
         "Deleted " + doomed.title + " of " + card.title() +
             (certificate_gone ? " and its certificate." : "."),
         {{"deleted", doomed.json}, {"certificate_deleted", certificate_gone}});
    return ExitCode::done;
}

} // namespace

void add_key_delete(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<KeyArguments>();
    CLI::App* command = noun.add_subcommand("delete", "delete a key for good");
    add_delete_options(*command, *arguments);
    add_common_options(*command, output, key_delete_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return delete_key(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
