// SPDX-License-Identifier: Apache-2.0
#include "cli/owner_rule.hpp"

#include "cli/failure.hpp"
#include "cli/output.hpp"
#include "cli/process.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <pwd.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

constexpr const char* usual_pcscd = "/usr/sbin/pcscd";
/// polkit goes by the names' order in all of its folders, and the first rule that decides wins.
constexpr std::string_view file_prefix = "00-tpmvsc-slot-";
constexpr std::array other_rules_dirs{"/run/polkit-1/rules.d", "/usr/local/share/polkit-1/rules.d",
                                      "/usr/share/polkit-1/rules.d"};
constexpr std::string_view record_prefix = "// tpmvsc-owner: ";

std::string contents_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string file_of(unsigned slot) {
    const std::string number = std::to_string(slot);
    return std::string(owner_rules_dir) + "/" + std::string(file_prefix) +
           (number.size() < 2 ? "0" : "") + number + ".rules";
}

/// A JSON text is a JavaScript expression, whatever is in the name.
std::string quoted(const std::string& text) {
    return Json(text).dump(-1, ' ', true);
}

std::string rule_text(const OwnerRule& rule) {
    const Json record{
        {"card", rule.card}, {"slot", rule.slot}, {"user", rule.user}, {"reader", rule.reader}};
    return "// Made by \"tpmvsc create --owner\"; \"tpmvsc destroy\" removes it.\n" +
           std::string(record_prefix) + record.dump(-1, ' ', true) +
           "\n"
           "polkit.addRule(function (action, subject) {\n"
           "    var owner = " +
           quoted(rule.user) +
           ";\n"
           "    var reader = " +
           quoted(rule.reader) +
           ";\n"
           "    // The card: its owner's, and nobody else's. polkit does not ask about root.\n"
           "    if (action.id == \"org.debian.pcsc-lite.access_card\" &&\n"
           "        action.lookup(\"reader\") == reader) {\n"
           "        return subject.user == owner ? polkit.Result.YES : polkit.Result.NO;\n"
           "    }\n"
           "    // The owner gets as far as the card from wherever he is logged in.\n"
           "    if (action.id == \"org.debian.pcsc-lite.access_pcsc\" && subject.user == owner) {\n"
           "        return polkit.Result.YES;\n"
           "    }\n"
           "    return polkit.Result.NOT_HANDLED;\n"
           "});\n";
}

std::optional<OwnerRule> parse_rule(const std::string& text) {
    const std::size_t start = text.find(record_prefix);
    if (start == std::string::npos) {
        return std::nullopt;
    }
    const std::size_t from = start + record_prefix.size();
    const Json record =
        Json::parse(text.substr(from, text.find('\n', from) - from), nullptr, false);
    const auto has = [&record](const char* member, bool (Json::*is)() const noexcept) {
        return record.is_object() && record.contains(member) && (record[member].*is)();
    };
    if (!has("card", &Json::is_string) || !has("slot", &Json::is_number_unsigned) ||
        !has("user", &Json::is_string) || !has("reader", &Json::is_string)) {
        return std::nullopt;
    }
    return OwnerRule{record["card"].get<std::string>(), record["slot"].get<unsigned>(),
                     record["user"].get<std::string>(), record["reader"].get<std::string>()};
}

/// Names of a folder's files, or nothing where it cannot be read.
std::vector<std::filesystem::path> files_in(const char* folder) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        files.push_back(entry.path());
    }
    return files;
}

/// Ours come first among their like, but for names that are smaller still.
bool is_asked_before_ours(const std::filesystem::path& file) {
    return file.extension() == ".rules" && file.filename().string() < file_prefix &&
           contents_of(file).find("org.debian.pcsc-lite") != std::string::npos;
}

[[noreturn]] void refuse_to_write(const std::string& path) {
    throw Failure(ExitCode::failed,
                  "the rule that makes the card its owner's cannot be written to " + path);
}

/// The folder belongs to polkit's user: nothing of his may lead root elsewhere.
void write_durably(const std::string& path, const std::string& text) {
    constexpr mode_t everybody_reads = 0644;      // polkit, too, whatever this process' umask is
    const std::string unfinished = path + ".new"; // polkit reads names that end with .rules
    std::remove(unfinished.c_str());
    const int file = ::open(unfinished.c_str(),
                            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, everybody_reads);
    if (file < 0) {
        refuse_to_write(path);
    }
    const bool written =
        ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fchmod(file, everybody_reads) == 0 && ::fsync(file) == 0;
    ::close(file);
    if (!written || std::rename(unfinished.c_str(), path.c_str()) != 0) {
        std::remove(unfinished.c_str());
        refuse_to_write(path);
    }
    const int folder = ::open(owner_rules_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ::fsync(folder);
    ::close(folder);
}

} // namespace

/// The program names what it calls of polkit's library; a pcscd that was built without it, as
/// Debian 12's, does not.
std::optional<std::string> polkit_unasked() {
    std::string program;
    if (const auto process = find_pcscd()) {
        const std::string folder = "/proc/" + std::to_string(process->pid);
        program = contents_of(folder + "/exe");
        if (contents_of(folder + "/cmdline").find("--disable-polkit") != std::string::npos) {
            return "pcscd was started with --disable-polkit";
        }
    }
    if (program.empty()) { // none runs, or it is another user's
        program = contents_of(usual_pcscd);
    }
    if (program.find("polkit_authority_check_authorization") == std::string::npos) {
        return "the pcscd of this computer does not ask polkit";
    }
    return std::nullopt;
}

std::optional<std::string> owner_rule_complaint() {
    if (auto unasked = polkit_unasked()) {
        return unasked;
    }
    return std::filesystem::is_directory(owner_rules_dir)
               ? std::nullopt
               : std::optional("there is no folder " + std::string(owner_rules_dir));
}

std::string require_owner_rules(const std::string& user) {
    const passwd* const known = ::getpwnam(user.c_str());
    if (known == nullptr) {
        throw Failure(ExitCode::usage, "there is no user \"" + printable(user) + "\"");
    }
    std::string name = known->pw_name;
    if (const auto complaint = owner_rule_complaint()) {
        throw Failure(ExitCode::unsupported,
                      *complaint +
                          ": whoever reaches it can use every card, up to its PIN, so "
                          "--owner cannot be kept (Debian 13 and later can). Leave it away "
                          "to make the card all the same");
    }
    return name;
}

OwnerRules read_owner_rules() {
    OwnerRules found;
    for (const auto& path : files_in(owner_rules_dir)) {
        if (is_asked_before_ours(path)) {
            found.earlier.push_back(path.string());
        }
        if (!path.filename().string().starts_with(file_prefix) || path.extension() != ".rules") {
            continue;
        }
        if (auto rule = parse_rule(contents_of(path))) {
            found.rules.push_back(std::move(*rule));
        } else {
            found.unreadable.push_back(path.string());
        }
    }
    for (const char* folder : other_rules_dirs) {
        for (const auto& path : files_in(folder)) {
            if (is_asked_before_ours(path)) {
                found.earlier.push_back(path.string());
            }
        }
    }
    return found;
}

std::optional<std::string> owner_of(const OwnerRules& rules, unsigned slot) {
    const auto found = std::find_if(rules.rules.begin(), rules.rules.end(),
                                    [slot](const OwnerRule& rule) { return rule.slot == slot; });
    return found == rules.rules.end() ? std::nullopt : std::optional(found->user);
}

void remove_owner_rule(const std::string& card) {
    for (const OwnerRule& rule : read_owner_rules().rules) {
        if (rule.card == card) {
            std::remove(file_of(rule.slot).c_str());
        }
    }
}

NewOwner::~NewOwner() {
    if (card_.empty()) {
        return;
    }
    try {
        remove_owner_rule(card_);
        if (former_) {
            write_durably(file_of(former_->slot), rule_text(*former_));
        }
    } catch (const std::exception&) {
        // The reader goes by the general rules until somebody writes the rule anew: doctor tells.
    }
}

void NewOwner::take(const card::Identity& identity, const std::string& reader) {
    if (user_.empty()) {
        std::remove(file_of(identity.slot).c_str());
        return;
    }
    const std::string card = to_hex(identity.id);
    former_ = parse_rule(contents_of(file_of(identity.slot)));
    write_durably(file_of(identity.slot), rule_text({card, identity.slot, user_, reader}));
    card_ = card;
}

} // namespace tpmvsc::cli
