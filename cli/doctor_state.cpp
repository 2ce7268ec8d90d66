// SPDX-License-Identifier: Apache-2.0
#include "card/card.hpp"
#include "card/store.hpp"
#include "cli/finding.hpp"
#include "cli/process.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

using Level = Finding::Level;

constexpr std::uintmax_t little_space = 1024 * 1024;

void examine_permissions(const std::string& folder, const struct stat& status, Findings& findings) {
    const auto pcscd = find_pcscd();
    const bool owned = status.st_uid == 0 || (pcscd && pcscd->user == status.st_uid);
    if (!owned) {
        findings.push_back({"state-folder", Level::warning,
                            folder + " belongs to " + user_name(status.st_uid),
                            "it should belong to the user that pcscd runs as: chown -R"});
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        findings.push_back({"state-folder", Level::warning,
                            "others than its owner can look into " + folder,
                            "chmod 0700 " + folder});
    }
    if (pcscd && !may_read_and_write(*pcscd, folder)) {
        findings.push_back({"state-folder", Level::error,
                            "pcscd (as " + user_name(pcscd->user) + ") cannot use " + folder,
                            "chown -R " + user_name(pcscd->user) + " " + folder});
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

void examine_card(const card::StoredCard& stored, tpm::Tpm& tpm, Findings& findings) {
    const std::string name = "card \"" + printable(stored.identity->name) + "\"";
    try {
        const auto card = card::Card::open(stored.folder, tpm);
        const auto tries = card->tries(card::PinKind::pin);
        if (tries.left == 0) {
            findings.push_back(
                {"card", Level::warning, name + ": the PIN is blocked", "unblock it with the PUK"});
        } else {
            findings.push_back({"card", Level::ok,
                                name + " belongs to this TPM, PIN tries left " +
                                    std::to_string(tries.left) + "/" + std::to_string(tries.limit),
                                ""});
        }
        if (card->is_default(card::PinKind::pin)) {
            findings.push_back(default_finding(name, "PIN"));
        }
        if (card->admin_key().is_default()) {
            findings.push_back(default_finding(name, "admin key"));
        }
    } catch (const std::exception& error) { // each layer's errors say what to do
        findings.push_back({"card", Level::error, name + ": " + error.what(), ""});
    }
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
        return {{"state-folder", Level::error, folder + ": " + std::strerror(errno), ""}};
    }
    if (!S_ISDIR(status.st_mode)) {
        return {{"state-folder", Level::error, folder + " is not a folder", "move it away"}};
    }
    examine_permissions(folder, status, findings);
    examine_space(folder, findings);
    if (findings.empty()) {
        findings.push_back({"state-folder", Level::ok, folder + " is in order", ""});
    }
    return findings;
}

Findings examine_cards(const Settings& settings, tpm::Tpm& tpm, bool tpm_usable) {
    if (::access(settings.state_dir.c_str(), F_OK) == 0 &&
        ::access(settings.state_dir.c_str(), R_OK | X_OK) != 0) {
        return {{"cards", Level::warning, "the cards were not looked at: their folder is root's",
                 "run the doctor as root"}};
    }
    Findings findings;
    const card::Store store(settings.cards_dir());
    for (const auto& stored : store.list()) {
        if (!stored.identity) {
            findings.push_back({"card", Level::error, stored.problem, ""});
        } else if (tpm_usable) {
            examine_card(stored, tpm, findings);
        }
    }
    if (const auto leftovers = store.leftovers(); !leftovers.empty()) {
        findings.push_back(
            {"leftovers", Level::warning,
             plural(leftovers.size(), "folder") + " of an interrupted create or destroy",
             "the next create or destroy clears them away"});
    }
    if (findings.empty()) {
        findings.push_back({"cards", Level::ok, "no cards", "make one: tpmvsc create --name NAME"});
    }
    return findings;
}

} // namespace tpmvsc::cli
