// SPDX-License-Identifier: Apache-2.0
#include "cli/driver_entry.hpp"
#include "cli/finding.hpp"
#include "cli/machine.hpp"
#include "cli/owner_rule.hpp"
#include "cli/pcsc.hpp"
#include "cli/process.hpp"

#include <algorithm>
#include <array>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

using Level = Finding::Level;

void examine_entries(const std::vector<DriverEntry>& entries, Findings& findings) {
    if (entries.empty()) {
        findings.push_back({"driver-entry", Level::error,
                            "no file in " + std::string(reader_conf_dir) + " names the driver",
                            "install tpmvsc (cmake --install build) and restart pcscd"});
        return;
    }
    for (const DriverEntry& entry : entries) {
        const bool there = ::access(entry.library.c_str(), R_OK) == 0;
        findings.push_back(
            {"driver-entry", there ? Level::ok : Level::error,
             entry.file + " names " + entry.library + (there ? "" : ", which is not there"),
             there ? "" : "install tpmvsc again, or correct the path"});
    }
    if (entries.size() > 1) {
        findings.push_back({"driver-entry", Level::error,
                            "several entries name the driver: every card shows up more than once",
                            "keep one; pcscd reads every file in " + std::string(reader_conf_dir) +
                                ", backup copies too"});
    }
}

std::string advice_on(const pcsc::Error& error) {
    if (error.no_service()) {
        return "to have it started on demand: systemctl enable --now pcscd.socket";
    }
    if (error.exit_code() == ExitCode::not_authorised) {
        return "there is a rule to begin with in /usr/share/doc/tpmvsc/examples/polkit.rules";
    }
    return "restart it: systemctl restart pcscd; its log says more: journalctl -u pcscd";
}

void examine_readers(const std::vector<DriverEntry>& entries, Findings& findings) {
    const ReaderNames names(entries);
    try {
        const pcsc::Context context;
        findings.push_back({"pcscd", Level::ok, "pcscd answers", ""});
        std::size_t readers = 0;
        std::size_t cards = 0;
        for (const auto& reader : context.readers()) {
            if (names.slot_of(reader.name)) {
                ++readers;
                cards += reader.card_present ? 1 : 0;
            }
        }
        if (readers == 0) {
            findings.push_back({"driver", Level::error, "pcscd has not loaded the driver",
                                "restart it: systemctl restart pcscd; its log says why it refuses: "
                                "journalctl -u pcscd"});
            return;
        }
        findings.push_back({"driver", Level::ok,
                            "pcscd has loaded the driver: " + plural(readers, "reader") + ", " +
                                plural(cards, "card"),
                            ""});
    } catch (const pcsc::Error& error) {
        findings.push_back({"pcscd", Level::error, error.what(), advice_on(error)});
    }
}

/// The drop-in gives pcscd the group tss; that the TPM belongs to this group is others' doing.
std::string advice_on_access(const Process& process, const std::string& tcti) {
    const group* const tss = ::getgrnam("tss");
    if (tss == nullptr || std::find(process.groups.begin(), process.groups.end(), tss->gr_gid) ==
                              process.groups.end()) {
        return "install the drop-in pcscd.service.d/50-tpmvsc.conf, which adds the group tss, "
               "then: systemctl daemon-reload; systemctl restart pcscd";
    }
    const std::string reason = "pcscd is in the group tss, which may not use " + tpm_path(tcti);
    if (!tcti.starts_with("device:")) {
        return reason + ": give the group the right to read and to write it";
    }
    return reason +
           ": install tpm-udev, or copy the example 60-tpmvsc-tss.rules (in /usr/share/doc) to "
           "/etc/udev/rules.d, then: udevadm trigger --subsystem-match=tpmrm";
}

void examine_pcscd_access(const Settings& settings, Findings& findings) {
    const auto process = find_pcscd();
    const std::string tcti = settings.effective_tcti();
    const std::string path = tpm_path(tcti);
    if (!process || path.empty() || ::access(path.c_str(), F_OK) != 0) {
        return; // nothing to compare; the missing part has its own finding
    }
    const std::string user = user_name(process->user);
    if (may_read_and_write(*process, path)) {
        findings.push_back({"pcscd-tpm", Level::ok, "pcscd (as " + user + ") may use " + path, ""});
        return;
    }
    findings.push_back({"pcscd-tpm", Level::error, "pcscd (as " + user + ") may not use " + path,
                        advice_on_access(*process, tcti)});
}

/// systemd starts no pcscd whose drop-in names a group that is not there.
void examine_group(Findings& findings) {
    constexpr std::array drop_ins{"/etc/systemd/system/pcscd.service.d/50-tpmvsc.conf",
                                  "/usr/lib/systemd/system/pcscd.service.d/50-tpmvsc.conf",
                                  "/lib/systemd/system/pcscd.service.d/50-tpmvsc.conf"};
    if (find_pcscd() || ::getgrnam("tss") != nullptr) {
        return;
    }
    for (const char* file : drop_ins) {
        if (::access(file, F_OK) == 0) {
            findings.push_back({"group", Level::error,
                                "there is no group tss, without which pcscd is not started: " +
                                    std::string(file) + " names it",
                                "make it (groupadd --system tss) and restart the computer, so that "
                                "the TPM's device belongs to it"});
            return;
        }
    }
}

/// What is wrong with a rule that makes a card its owner's; nothing where all is well.
std::optional<std::string> complaint_about(const OwnerRule& rule, const ReaderNames& names) {
    if (rule.reader != names.reader_of(rule.slot)) { // the administrator may have changed the name
        return "its reader is not called \"" + printable(rule.reader) + "\" any more";
    }
    if (::getpwnam(rule.user.c_str()) == nullptr) {
        return "there is no such user any more, and the name may be given to another";
    }
    return owner_rule_complaint();
}

void examine_owner_rules(const std::vector<DriverEntry>& entries, Findings& findings) {
    const ReaderNames names(entries);
    const OwnerRules found = read_owner_rules();
    const std::string folder = owner_rules_dir;
    for (const OwnerRule& rule : found.rules) {
        const auto complaint = complaint_about(rule, names);
        const std::string whose = "the card in slot " + std::to_string(rule.slot) +
                                  " is for user " + printable(rule.user);
        findings.push_back({"owner-rule", complaint ? Level::error : Level::ok,
                            whose + (complaint ? ", but others may use it: " + *complaint : ""),
                            complaint ? "mend that, or the rule in " + folder : ""});
    }
    for (const std::string& file : found.unreadable) {
        findings.push_back({"owner-rule", Level::error,
                            file + " should make a card its owner's, and does not",
                            "write it anew, or destroy the card and create it with --owner"});
    }
    for (const std::string& file : found.earlier) {
        if (!found.rules.empty()) {
            findings.push_back({"owner-rule", Level::warning,
                                file + " is asked before the rules that make cards their owners'",
                                "see that it does not let others use these readers, or give it a "
                                "name that sorts behind 00-tpmvsc"});
        }
    }
}

} // namespace

Findings examine_reader(const Settings& settings) {
    Findings findings;
    const auto entries = find_driver_entries();
    examine_entries(entries, findings);
    examine_readers(entries, findings); // wakes pcscd where systemd starts it on demand
    examine_pcscd_access(settings, findings);
    examine_group(findings);
    examine_owner_rules(entries, findings);
    return findings;
}

} // namespace tpmvsc::cli
