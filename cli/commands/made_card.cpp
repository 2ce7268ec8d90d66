// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/made_card.hpp"

#include "cli/inventory.hpp"
#include "cli/journal.hpp"
#include "cli/presence.hpp"

namespace tpmvsc::cli {
namespace {

constexpr std::chrono::seconds insertion_limit{10};

Json describe(const card::Identity& identity, const Presence& presence, bool software,
              const Output& output) {
    return {{"name", identity.name},     {"profile", profile_name(identity.profile)},
            {"id", to_hex(identity.id)}, {"serial", identity.serial},
            {"slot", identity.slot},     {"created", identity.created},
            {"reader", presence.reader}, {"inserted", presence.as_wanted()},
            {"software_tpm", software},  {"warnings", output.warnings()}};
}

} // namespace

library::Listener listener_of(Output& output) {
    return {[&output](const std::string& text) { output.progress(text); },
            [&output](const std::string& text) { output.warning(text); },
            [&output](const std::string& text) { output.detail(text); }};
}

void show_made_card(const card::Identity& identity, const std::string& sentence,
                    const std::vector<ShownSecret>& shown, const std::string& escrow_file,
                    const std::string& owner, Output& output) {
    output.line(sentence);
    if (!shown.empty()) {
        output.line("Write this down now; it is not shown again:");
        output.secrets(shown);
    }
    if (!escrow_file.empty()) {
        output.line("What the help desk keeps is in " + printable(escrow_file) + ".");
    }
    record_change(output, identity, sentence, owner.empty() ? Json() : Json{{"owner", owner}});
}

void report_made_card(const card::Identity& identity, bool software, const std::string& escrow_file,
                      const Json& more, Output& output) {
    const ReaderNames names(find_driver_entries());
    const Presence presence = wait_for_card(names, identity.slot, insertion_limit);
    if (!presence.as_wanted()) {
        output.warning("the card is made, but programs do not see it yet: " + presence.advice);
    }
    if (output.json) {
        Json result = describe(identity, presence, software, output);
        if (!escrow_file.empty()) {
            result["escrow_file"] = escrow_file;
        }
        result.update(more);
        output.document(result);
        return;
    }
    output.line((presence.as_wanted() ? "It is in reader \"" : "It belongs in reader \"") +
                presence.reader + "\".");
}

} // namespace tpmvsc::cli
