// SPDX-License-Identifier: Apache-2.0
#include "card/card.hpp"
#include "card/create.hpp"
#include "card/errors.hpp"
#include "card/path_parts.hpp"
#include "card/store.hpp"
#include "cli/finding.hpp"
#include "cli/lockout_text.hpp"
#include "cli/process.hpp"
#include "tpm/lockout.hpp"
#include "tpm/tpm.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

using Level = Finding::Level;

constexpr std::uintmax_t little_space = 1024 * 1024;

/// In a folder of somebody else than root nothing is written but with that user's rights, which a
/// confined pcscd cannot take on.
Level level_of_strangers(const std::optional<Process>& pcscd) {
    return pcscd && pcscd->user == 0 && !pcscd->may_change_users ? Level::error : Level::warning;
}

bool is_strangers(uid_t user, const std::optional<Process>& pcscd) {
    return user != 0 && !(pcscd && pcscd->user == user);
}

/// Who owns a folder or a link on the way to the cards, or may write there, can put others in their
/// place. The state folder itself and that of the cards are looked at elsewhere.
void examine_way(const Settings& settings, const std::optional<Process>& pcscd,
                 Findings& findings) {
    std::error_code error;
    std::set<std::string> seen{std::filesystem::canonical(settings.state_dir, error),
                               std::filesystem::canonical(settings.cards_dir(), error)};
    for (const auto& part : card::path_parts(settings.cards_dir())) {
        if (!seen.insert(part.path).second) {
            continue;
        }
        const std::string which = part.path + ", in which the cards lie, ";
        const char* const advice = "keep the cards below folders that are root's (state_dir)";
        if (!part.is_roots && is_strangers(part.user, pcscd)) {
            findings.push_back({"state-folder", level_of_strangers(pcscd),
                                which + "belongs to " + user_name(part.user), advice});
        } else if (part.others_may_write) {
            findings.push_back({"state-folder", Level::warning,
                                which + "is one where others than its owner may write", advice});
        }
    }
}

/// The state folder, that of the cards, or a card's.
void examine_owner(const std::string& folder, const std::optional<Process>& pcscd,
                   Findings& findings) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) {
        return;
    }
    const uid_t user = status.st_uid;
    if (is_strangers(user, pcscd)) {
        findings.push_back({"state-folder", level_of_strangers(pcscd),
                            folder + " belongs to " + user_name(user),
                            "give it to the user that pcscd runs as: chown -R " +
                                (pcscd ? user_name(pcscd->user) : "root") + " " + folder});
    }
    if (pcscd && !may_read_and_write(*pcscd, folder)) {
        findings.push_back({"state-folder", Level::error,
                            "pcscd (as " + user_name(pcscd->user) + ") cannot use " + folder,
                            "chown -R " + user_name(pcscd->user) + " " + folder});
    }
}

bool may_be_listed(const std::string& folder) {
    return ::access(folder.c_str(), R_OK | X_OK) == 0;
}

void examine_permissions(const Settings& settings, const struct stat& status, Findings& findings) {
    const auto pcscd = find_pcscd();
    const std::string& folder = settings.state_dir;
    examine_owner(folder, pcscd, findings);
    examine_way(settings, pcscd, findings);
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        findings.push_back({"state-folder", Level::warning,
                            "others than its owner can look into " + folder,
                            "chmod 0700 " + folder});
    }
    examine_owner(settings.cards_dir(), pcscd, findings);
    if (!may_be_listed(settings.cards_dir())) {
        return; // there are none yet, or they may not be seen
    }
    for (const auto& stored : card::Store(settings.cards_dir()).list()) {
        examine_owner(stored.folder, pcscd, findings);
    }
}

void examine_space(const std::string& folder, Findings& findings) {
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    if (!error && space.available < little_space) {
        findings.push_back({"state-space", Level::error,
                            "the file system of " + folder + " is full",
                            "make room: cards cannot store anything until then"});
    }
}

Finding default_finding(const std::string& name, const std::string& what) {
    return {"card", Level::warning, name + ": the " + what + " is the well-known default value",
            "change it before the card is used"};
}

std::string blocked_pin_advice(const card::PinTries& puk) {
    return puk.left > 0 ? "unblock it with the PUK"
                        : "no PUK unblocks it any more: reset the card, or destroy it and make a "
                          "new one";
}

std::string advice_on(const card::StorageError& error, const std::string& give_up) {
    using Reason = card::StorageError::Reason;
    switch (error.reason()) {
    case Reason::full:
        return "make room on the file system of the card's folder";
    case Reason::unwritable:
        return "run the doctor as root";
    case Reason::unknown_version:
        return "install the version of tpmvsc that wrote it, or a newer one";
    default:
        return "bring the card's folder back from a backup, or give it up: " + give_up;
    }
}

/// What to do about a card that cannot be used because of `error`.
std::string advice_on(const std::exception& error, const std::string& give_up) {
    if (const auto* storage = dynamic_cast<const card::StorageError*>(&error)) {
        return advice_on(*storage, give_up);
    }
    if (dynamic_cast<const card::ForeignTpmError*>(&error) != nullptr) {
        return "give the card up: " + give_up;
    }
    return "try again when the TPM is well (see what is said of it)";
}

/// A card whose PIN the TPM's lockout guards.
void examine_guarded(const std::string& name, card::Card& card, const tpm::Lockout& lockout,
                     Findings& findings) {
    const auto tries = card.tries(card::PinKind::pin);
    const std::string left =
        std::to_string(tries.left) + "/" + std::to_string(tries.limit) + " left";
    if (const auto wait = card.locked_for()) {
        findings.push_back(
            {"card", Level::warning,
             name + ": its PIN is not blocked, but the TPM is locked for " + wait_text(*wait),
             "wait, or let who has the lockout password run tpmvsc lockout reset"});
    } else {
        findings.push_back({"card", Level::ok,
                            name + " belongs to this TPM, wrong PINs count in its lockout: " + left,
                            ""});
    }
    if (!lockout.limits.protects()) {
        findings.push_back({"card", Level::error, name + ": " + lockout_switched_off,
                            "switch it on: tpmvsc lockout set --recovery-time SECONDS"});
    }
    if (!lockout.password_set) {
        findings.push_back({"card", Level::warning,
                            name + ": root can reset the TPM's lockout and guess on, since it has "
                                   "no password",
                            "set one with tpm2_changeauth -c lockout, and keep it well"});
    }
}

void examine_counted(const std::string& name, card::Card& card, Findings& findings) {
    const auto tries = card.tries(card::PinKind::pin);
    if (tries.left == 0) {
        findings.push_back({"card", Level::warning, name + ": the PIN is blocked",
                            blocked_pin_advice(card.tries(card::PinKind::puk))});
    } else {
        findings.push_back({"card", Level::ok,
                            name + " belongs to this TPM, PIN tries left " +
                                std::to_string(tries.left) + "/" + std::to_string(tries.limit),
                            ""});
    }
}

void examine_values(const std::string& name, card::Card& card, const tpm::Lockout& lockout,
                    Findings& findings) {
    if (card.anti_hammering() == card::AntiHammering::lockout) {
        examine_guarded(name, card, lockout, findings);
    } else {
        examine_counted(name, card, findings);
    }
    if (card.is_default(card::PinKind::pin)) {
        findings.push_back(default_finding(name, "PIN"));
    }
    if (card.is_default(card::PinKind::puk)) {
        findings.push_back(default_finding(name, "PUK"));
    }
    if (card.admin_key().is_default()) {
        findings.push_back(default_finding(name, "admin key"));
    }
}

void examine_card(const card::StoredCard& stored, tpm::Tpm& tpm, bool tpm_usable,
                  Findings& findings) {
    const std::string id = std::filesystem::path(stored.folder).filename().string();
    const std::string give_up = "tpmvsc destroy " + id + " --force";
    if (!stored.problem.empty()) {
        findings.push_back({"card", Level::error, stored.problem,
                            stored.identity ? "move that folder elsewhere"
                                            : "bring the card's folder back from a backup, or give "
                                              "it up: " +
                                                  give_up});
        return;
    }
    const std::string name = "card \"" + printable(stored.identity->name) + "\"";
    if (!tpm_usable) {
        findings.push_back(
            {"card", Level::ok, name + " is there; without the TPM no more can be said", ""});
        return;
    }
    try {
        tpm::Lockout lockout;
        tpm.run([&](tpm::Connection& connection) { lockout = tpm::read_lockout(connection); });
        examine_values(name, *card::Card::open(stored.folder, tpm), lockout, findings);
    } catch (const std::exception& error) {
        findings.push_back(
            {"card", Level::error, name + ": " + error.what(), advice_on(error, give_up)});
    }
}

/// What an interrupted create or destroy has left, in the TPM too, is cleared away.
Finding treat_leftovers(const card::Store& store, tpm::Tpm& tpm, bool tpm_usable) {
    std::string reason = "the TPM cannot be asked";
    if (tpm_usable) {
        try {
            card::sweep(store, tpm, {});
            return {"leftovers", Level::ok,
                    "what an interrupted create or destroy had left is cleared away", ""};
        } catch (const std::exception& error) {
            reason = error.what();
        }
    }
    return {"leftovers", Level::warning,
            "there is something of an interrupted create or destroy, in the TPM too: " + reason,
            "run the doctor again when the TPM answers; where its owner has a password, the next "
            "create or destroy clears it away"};
}

} // namespace

Findings examine_state(const Settings& settings) {
    Findings findings;
    const std::string& folder = settings.state_dir;
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) {
        if (errno == ENOENT) {
            return {{"state-folder", Level::ok,
                     folder + " is not there yet: the first \"tpmvsc create\" makes it", ""}};
        }
        const bool refused = errno == EACCES;
        return {{"state-folder", Level::error, folder + ": " + std::strerror(errno),
                 refused ? "run the doctor as root"
                         : "see that the setting state_dir in tpmvsc.conf is right"}};
    }
    if (!S_ISDIR(status.st_mode)) {
        return {{"state-folder", Level::error, folder + " is not a folder", "move it away"}};
    }
    examine_permissions(settings, status, findings);
    examine_space(folder, findings);
    if (findings.empty()) {
        findings.push_back({"state-folder", Level::ok, folder + " is in order", ""});
    }
    return findings;
}

Findings examine_cards(const Settings& settings, tpm::Tpm& tpm, bool tpm_usable) {
    for (const std::string& folder : {settings.state_dir, settings.cards_dir()}) {
        if (::access(folder.c_str(), F_OK) == 0 && !may_be_listed(folder)) {
            return {{"cards", Level::warning,
                     "the cards were not looked at: their folder is root's",
                     "run the doctor as root"}};
        }
    }
    Findings findings;
    const card::Store store(settings.cards_dir());
    for (const auto& stored : store.list()) {
        examine_card(stored, tpm, tpm_usable, findings);
    }
    if (!store.leftovers().empty()) {
        findings.push_back(treat_leftovers(store, tpm, tpm_usable));
    }
    if (findings.empty()) {
        findings.push_back({"cards", Level::ok, "no cards", "make one: tpmvsc create --name NAME"});
    }
    return findings;
}

} // namespace tpmvsc::cli
