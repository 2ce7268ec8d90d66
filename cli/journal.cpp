// SPDX-License-Identifier: Apache-2.0
#include "cli/journal.hpp"

// Where in our sources an entry was made is nobody's business.
#define SD_JOURNAL_SUPPRESS_LOCATION

#include <algorithm>
#include <array>
#include <chrono>
#include <future>
#include <memory>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <thread>
#include <utility>
#include <vector>

namespace tpmvsc::cli {
namespace {

constexpr std::array commands{
    "admin-key change", "cert countersign", "cert delete",    "cert import",   "cert renew",
    "cert request",     "cert self-sign",   "create",         "destroy",       "key delete",
    "key generate",     "key import",       "key move",       "lockout reset", "lockout set",
    "object write",     "pin change",       "pin set-policy", "pin unblock",   "puk change",
    "reissue",          "tpm provision",    "unblock"};

/// The members of a command's result that are recorded, by the name that they have there. A list,
/// so that nothing gets into the journal because somebody added it to a result.
constexpr std::array<std::pair<const char*, const char*>, 12> recorded_details{{
    {"slot", "TPMVSC_KEY_SLOT"},
    {"from", "TPMVSC_KEY_SLOT"},
    {"to", "TPMVSC_TO_SLOT"},
    {"retired_to", "TPMVSC_TO_SLOT"},
    {"algorithm", "TPMVSC_ALGORITHM"},
    {"fingerprint", "TPMVSC_KEY_FINGERPRINT"},
    {"subject", "TPMVSC_CERTIFICATE_SUBJECT"},
    {"issuer", "TPMVSC_CERTIFICATE_ISSUER"},
    {"serial", "TPMVSC_CERTIFICATE_SERIAL"},
    {"not_after", "TPMVSC_CERTIFICATE_NOT_AFTER"},
    {"object", "TPMVSC_OBJECT"},
    {"owner", "TPMVSC_CARD_OWNER"},
}};

/// The fields of one entry, in the form in which the journal takes them.
class Entry {
  public:
    void add(const std::string& name, const std::string& value) {
        fields_.push_back(name + "=" + value);
    }

    void add_details(const Json& details) {
        for (const auto& [member, field] : recorded_details) {
            const auto found = details.find(member);
            if (found != details.end() && found->is_string()) {
                add(field, found->get<std::string>());
            }
        }
        for (const Json& below : details) { // the certificate, or what was moved
            if (below.is_object()) {
                add_details(below);
            }
        }
    }

    /// A journal that has stopped reading would keep the sender waiting: after a while it is let
    /// be.
    void send() && {
        constexpr std::chrono::seconds patience{2};
        auto sent = std::make_shared<std::promise<void>>();
        auto done = sent->get_future();
        std::thread([sent, fields = std::move(fields_)] {
            std::vector<iovec> vectors;
            for (const std::string& field : fields) {
                // The journal only reads what it is given; iovec serves readers and writers alike.
                vectors.push_back({const_cast<char*>(field.data()), field.size()});
            }
            ::sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size()));
            sent->set_value();
        }).detach();
        done.wait_for(patience);
    }

  private:
    std::vector<std::string> fields_;
};

Entry begin_entry(const Output& output, const std::string& sentence) {
    Entry entry;
    entry.add("MESSAGE", sentence);
    entry.add("MESSAGE_ID", life_cycle_message_id);
    entry.add("PRIORITY", "5"); // notice: normal, and of note
    entry.add("SYSLOG_IDENTIFIER", output.program);
    entry.add("TPMVSC_ACTION", output.command);
    return entry;
}

} // namespace

std::span<const char* const> changing_commands() {
    return commands;
}

void record_change(const Output& output, const card::Identity& identity,
                   const std::string& sentence, const Json& details) {
    const bool changes = std::any_of(commands.begin(), commands.end(),
                                     [&](const char* one) { return output.command == one; });
    if (!changes || sentence.empty()) {
        return;
    }
    Entry entry = begin_entry(output, sentence);
    entry.add("TPMVSC_CARD_ID", to_hex(identity.id));
    entry.add("TPMVSC_CARD_NAME", identity.name);
    entry.add("TPMVSC_CARD_SERIAL", std::to_string(identity.serial));
    entry.add("TPMVSC_CARD_PROFILE", identity.profile == card::Profile::gids ? "gids" : "piv");
    entry.add_details(details);
    std::move(entry).send();
}

void record_machine_change(const Output& output, const std::string& sentence) {
    begin_entry(output, sentence).send();
}

} // namespace tpmvsc::cli
