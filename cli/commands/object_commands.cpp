// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/piv_objects.hpp"
#include "cli/commands/card_commands.hpp"
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/known_secret.hpp"
#include "cli/commands/noun.hpp"
#include "cli/commands/object_id.hpp"
#include "cli/commands/product.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* read_examples =
    "Examples:\n"
    "  tpmvsc object read chuid | xxd\n"
    "  tpmvsc object read 5fc107 --out capability\n"
    "  tpmvsc object read printed-information --pin file:/run/pin\n";
constexpr const char* write_examples =
    "Examples:\n"
    "  tpmvsc object write printed-information printed.bin\n"
    "  tpmvsc object write 5fff12 - --admin-key file:/run/admin <contents\n"
    "  tpmvsc object write 5fff12 /dev/null\n"
    "      an empty file removes the object\n";

struct ObjectArguments {
    CardChoice choice;
    std::string id;
    std::string file = "-";
    std::string pin = "prompt";
    std::string admin_key = "prompt";
};

ExitCode read_object(const ObjectArguments& arguments, Output& output) {
    const std::uint32_t tag = parse_object_id(arguments.id);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    require_piv(card, "object read");
    OutputFile file(arguments.file);
    const bool wants_pin = piv::read_access(tag) == card::ReadAccess::pin;
    const SecretBytes pin = wants_pin ? read_known_pin(arguments.pin, card) : SecretBytes();
    std::optional<Bytes> contents;
    {
        CardInUse use(card);
        if (wants_pin) {
            const client::PinAnswer answer = use.piv().verify_pin(pin.view());
            if (!answer.right()) {
                throw client::pin_failure(client::Secret::pin, answer);
            }
        }
        contents = use.piv().read_object(tag);
    }
    if (!contents) {
        throw Failure(ExitCode::failed, "there is no " + object_title(tag) + " on " + card.title());
    }
    const std::size_t size = contents->size();
    deliver({"contents", std::move(*contents), false}, file, output, card,
            "Read " + object_title(tag) + ": " + plural(size, "byte") + ".",
            {{"object", object_text(tag)}, {"size", size}});
    return ExitCode::done;
}

ExitCode write_object(const ObjectArguments& arguments, Output& output) {
    const std::uint32_t tag = parse_object_id(arguments.id);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    require_piv(card, "object write");
    const Bytes contents = read_input(arguments.file);
    if (contents.size() > piv::max_object_bytes) {
        throw Failure(ExitCode::failed, input_name(arguments.file) + " has " +
                                            plural(contents.size(), "byte") + "; an object takes " +
                                            std::to_string(piv::max_object_bytes));
    }
    const SecretBytes admin_key = read_known_admin_key(arguments.admin_key, card);
    {
        CardInUse use(card);
        use.piv().show_admin_key(admin_key.view());
        use.piv().write_object(tag, contents);
    }
    tell(output, card,
         contents.empty() ? "Removed " + object_title(tag) + " of " + card.title() + "."
                          : "Wrote " + object_title(tag) + " of " + card.title() + ": " +
                                plural(contents.size(), "byte") + ".",
         {{"object", object_text(tag)}, {"size", contents.size()}});
    return ExitCode::done;
}

void add_read(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<ObjectArguments>();
    CLI::App* command = noun.add_subcommand("read", "read a data object");
    command->add_option("id", arguments->id, object_forms())->type_name("OBJECT")->required();
    command->add_option("-o,--out", arguments->file, "where it goes; - is standard output")
        ->type_name("FILE")
        ->capture_default_str();
    add_pin_option(*command, arguments->pin);
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, read_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return read_object(*arguments, out); };
    });
}

void add_write(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<ObjectArguments>();
    CLI::App* command =
        noun.add_subcommand("write", "write a data object, replacing what is there");
    command->add_option("id", arguments->id, object_forms())->type_name("OBJECT")->required();
    command->add_option("file", arguments->file, "its contents; - is standard input")
        ->type_name("FILE")
        ->required();
    add_admin_key_option(*command, arguments->admin_key);
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, write_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return write_object(*arguments, out); };
    });
}

} // namespace

void add_object_commands(CLI::App& app, Output& output, Chosen& chosen) {
    CLI::App& object = noun(app, "object", "the data objects of a PIV card");
    add_read(object, output, chosen);
    add_write(object, output, chosen);
}

} // namespace tpmvsc::cli
