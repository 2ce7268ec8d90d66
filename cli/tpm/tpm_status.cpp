// SPDX-License-Identifier: Apache-2.0
#include "card/store.hpp"
#include "cli/finding.hpp"
#include "cli/lockout_text.hpp"
#include "cli/machine.hpp"
#include "cli/owner_auth.hpp"
#include "cli/tpm/card_needs.hpp"
#include "cli/tpm/facts_text.hpp"
#include "cli/tpm/tpm_commands.hpp"
#include "tpm/index_room.hpp"
#include "tpm/parent.hpp"
#include "tpm/tpm.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <memory>
#include <optional>

namespace tpmvsc::cli {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  sudo tpmvsc tpm status\n"
    "      which TPM it is, its storage key, passwords, lockout, and what stands against cards\n"
    "  sudo tpmvsc tpm status --measure\n"
    "      also tries how many more cards fit, by indices that are defined and removed again\n"
    "  sudo tpmvsc tpm status --json | jq '.findings[] | select(.level != \"ok\")'\n"
    "Exit code: 0 cards can be made, 1 something stands against it, 3 this user may not ask the\n"
    "TPM, 4 there is none, 5 it is a TPM 1.2.\n";

struct StatusArguments {
    bool measure = false;
    std::string owner_auth;
};

const char* yes(bool is_set) {
    return is_set ? "a password is set" : "no password";
}

std::string hierarchy_text(bool enabled, bool password_set) {
    return enabled ? yes(password_set) : "switched off";
}

std::string ciphers_text(const tpm::TpmFacts& facts) {
    std::string text;
    for (const std::string& cipher : facts.session_ciphers) {
        text += (text.empty() ? "" : ", ") + cipher;
    }
    return text.empty() ? "none that is needed" : text;
}

/// How many more cards of the usual kind fit: as tried, where it was.
std::string room_text(const std::optional<std::size_t>& indices) {
    if (!indices) {
        return "the TPM does not tell; --measure tries it";
    }
    const std::size_t cards = *indices / usual_indices();
    return (cards >= card::max_slots ? "at least " : "") + plural(cards, "more card") + " (" +
           std::to_string(*indices) + " NV indices tried)";
}

std::string needs_text() {
    return std::to_string(usual_indices()) + " NV indices of " + std::to_string(bytes_each_index) +
           " bytes (2 to 4, by its kind: --json), and nothing else";
}

std::string table_of(const tpm::TpmFacts& facts, const Settings& settings,
                     const std::optional<std::size_t>& room) {
    std::vector<std::vector<std::string>> rows{
        {"TPM", identity_text(facts)},
        {"Kind", settings.tpm_is_software() ? "a program" : "a chip, or firmware of the processor"},
        {"Reached by", printable(settings.effective_tcti())},
        {"Self-test", self_test_name(facts.self_test)}};
    if (facts.self_test != tpm::SelfTest::failed) {
        const std::vector<std::vector<std::string>> more{
            {"Keys", algorithm_list(facts)},
            {"Sessions", ciphers_text(facts)},
            {"Wrong PINs", facts.has_pin_indices ? "counted for each card by itself"
                                                 : "counted by the TPM's lockout only"},
            {"Storage key", facts.parent_description},
            {"Owner", hierarchy_text(facts.owner_enabled, facts.owner_auth_set)},
            {"Endorsement", hierarchy_text(facts.endorsement_enabled, facts.endorsement_auth_set)},
            {"Lockout", std::string(yes(facts.lockout.password_set)) + "; " +
                            lockout_text(facts.lockout) + "; tpmvsc lockout status tells more"},
            {"NV indices", std::to_string(facts.nv_indices) +
                               " defined, the largest possible has " +
                               std::to_string(facts.largest_index) + " bytes"},
            {"Persistent", plural(facts.persistent_objects, "object") + ", at least " +
                               std::to_string(facts.persistent_available) + " more fit"},
            {"A card takes", needs_text()},
            {"Room", room_text(room)}};
        rows.insert(rows.end(), more.begin(), more.end());
    }
    std::string text = table(rows);
    text.pop_back();
    return text;
}

void print_findings(const Findings& findings, Output& output) {
    output.line("");
    for (const Finding& finding : findings) {
        if (finding.level != Finding::Level::ok) {
            print(finding, output);
        }
    }
    output.line(count(findings, Finding::Level::error) == 0
                    ? "Cards can be made in this TPM."
                    : "Cards cannot be made or used as this TPM is now.");
}

/// Uninterrupted keeps Ctrl-C and its like waiting: what is defined for the count would stay.
class Uninterrupted {
  public:
    Uninterrupted() {
        sigset_t signals{};
        ::sigemptyset(&signals);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
            ::sigaddset(&signals, signal);
        }
        ::pthread_sigmask(SIG_BLOCK, &signals, &before_);
    }
    ~Uninterrupted() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    Uninterrupted(const Uninterrupted&) = delete;
    Uninterrupted& operator=(const Uninterrupted&) = delete;

  private:
    sigset_t before_{};
};

std::size_t measure(const card::Store& store, tpm::Tpm& tpm, const SecretBytes& password) {
    const card::Store::Lock lock(store); // a card that is made meanwhile would find no room
    const Uninterrupted uninterrupted;
    std::size_t room = 0;
    as_owner([&] {
        tpm.run([&](tpm::Connection& connection) {
            const auto parent = tpm::find_parent(connection);
            room = tpm::index_room(connection, password.view(), parent ? &*parent : nullptr,
                                   card::max_slots * usual_indices());
        });
    });
    return room;
}

Finding room_finding(std::size_t room) {
    if (room >= usual_indices()) {
        return {"room", Finding::Level::ok, room_text(room), ""};
    }
    return {"room", Finding::Level::error, "the TPM's NV memory is full: no more card fits",
            "remove cards that are no longer needed (tpmvsc destroy), or NV indices of other "
            "programs (tpm2_getcap handles-nv-index shows them)"};
}

ExitCode show_status(const StatusArguments& arguments, Output& output) {
    const auto source = parse_owner_auth(arguments.owner_auth);
    if (source && !arguments.measure) {
        throw Failure(ExitCode::usage, "--owner-auth is for --measure: nothing else needs it");
    }
    const Settings settings = load_settings();
    tpm::Tpm tpm(settings.effective_tcti(), settings.tpm_idle);
    require_tpm(settings, tpm);
    const tpm::TpmFacts facts = tpm::read_facts(tpm, tpm::OfFailedTpm::told);
    tpm.close(); // pcscd's turn, while questions are answered
    Findings findings = examine_facts(facts, settings);
    std::optional<std::size_t> room;
    if (arguments.measure && facts.self_test != tpm::SelfTest::failed) {
        room = measure(card::Store(settings.cards_dir()), tpm,
                       owner_auth(source, facts.owner_auth_set));
        findings.push_back(room_finding(*room));
    }
    if (output.json) {
        Json document{{"tpm", to_json(facts, settings)}, {"card_needs", card_needs_json()}};
        document["room"] =
            room ? Json{{"nv_indices", *room}, {"cards", *room / usual_indices()}} : Json(nullptr);
        document["findings"] = to_json(findings);
        document["ready"] = count(findings, Finding::Level::error) == 0;
        output.document(document);
    } else {
        output.line(table_of(facts, settings, room));
        print_findings(findings, output);
    }
    return count(findings, Finding::Level::error) == 0 ? ExitCode::done : ExitCode::failed;
}

} // namespace

void add_tpm_status(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<StatusArguments>();
    CLI::App* command = noun.add_subcommand(
        "status", "show which TPM it is, its state, and what stands against cards in it");
    command->add_flag("--measure", arguments->measure,
                      "try how many more cards fit: defines NV indices and removes them again");
    command->add_option("--owner-auth", arguments->owner_auth,
                        "for --measure: password of the TPM's owner, where one is set: prompt, "
                        "file:PATH, fd:N or -");
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return show_status(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
