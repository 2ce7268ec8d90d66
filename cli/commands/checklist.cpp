// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/checklist.hpp"

#include "cli/commands/slot.hpp"
#include "cli/x509/public_key.hpp"
#include "cli/x509/revocation.hpp"
#include "cli/x509/ssh_key.hpp"

#include <utility>

namespace tpmvsc::cli {
namespace {

using Key = CardContents::Key;
using Lines = std::vector<std::pair<std::string, std::string>>;

constexpr const char* a_copy_elsewhere =
    "the key was imported: a copy of it may be elsewhere, and works there";
constexpr const char* unreadable_data =
    "what was encrypted to this key (old mail, files) cannot be read any more";
constexpr const char* pinless =
    "the key wants no PIN: a copy of the card's folder goes on using it in this TPM until the TPM "
    "is cleared";
constexpr const char* nobody_revokes =
    "no authority stands behind the certificate: take it out wherever it is trusted";

/// Where PIV keeps keys for decryption, present and past.
bool is_for_decryption(card::Profile profile, const Key& key) {
    constexpr card::KeySlot key_management = 0x9D;
    constexpr card::KeySlot first_retired = 0x82;
    constexpr card::KeySlot last_retired = 0x95;
    return profile == card::Profile::piv &&
           (key.slot == key_management || (key.slot >= first_retired && key.slot <= last_retired));
}

std::vector<std::string> notes_on_key(const CardContents& contents, const Key& key, bool decrypts) {
    std::vector<std::string> notes;
    if (key.info.origin == card::KeyOrigin::imported) {
        notes.emplace_back(a_copy_elsewhere);
    }
    if (decrypts || is_for_decryption(contents.profile, key)) {
        notes.emplace_back(unreadable_data);
    }
    if (key.info.pin_policy == card::PinPolicy::never) {
        notes.emplace_back(pinless);
    }
    return notes;
}

Json key_json(const CardContents& contents, const Key& key, bool decrypts) {
    const auto& info = key.info;
    return {{"slot", to_hex(Bytes{key.slot})},
            {"algorithm", algorithm_name(info.algorithm)},
            {"origin", info.origin == card::KeyOrigin::imported ? "imported" : "generated"},
            {"pin_policy", pin_policy_name(info.pin_policy)},
            {"decrypts", decrypts || is_for_decryption(contents.profile, key)},
            {"fingerprint", x509::fingerprint(info.public_key)},
            {"ssh_fingerprint", x509::ssh_fingerprint(info.public_key)}};
}

Json certificate_json(const CardContents& contents, const x509::Certificate& certificate) {
    const auto usage = x509::usage_of(certificate);
    const auto places = x509::revocation_places_of(certificate);
    Json json{{"subject", certificate.subject()},
              {"issuer", certificate.issuer()},
              {"serial", certificate.serial()},
              {"not_after", certificate.not_after()},
              {"expired", certificate.expired()},
              {"self_issued", certificate.self_issued()},
              {"usages", usage.extended},
              {"crl", places.crl},
              {"ocsp", places.ocsp},
              {"authority", places.authority},
              {"key", nullptr},
              {"notes", Json::array()}};
    if (certificate.self_issued()) {
        json["notes"].push_back(nobody_revokes);
    }
    if (const Key* key = contents.key_of(certificate)) {
        json["key"] = key_json(contents, *key, usage.decrypts);
        for (const auto& note : notes_on_key(contents, *key, usage.decrypts)) {
            json["notes"].push_back(note);
        }
    }
    return json;
}

std::string joined(const Json& words) {
    std::string text;
    for (const auto& word : words) {
        text += (text.empty() ? "" : ", ") + printable(word.get<std::string>());
    }
    return text;
}

void add_key_lines(Lines& lines, const Json& key) {
    lines.emplace_back("Key", "slot " + key["slot"].get<std::string>() + ", " +
                                  key["algorithm"].get<std::string>() + ", SHA-256 " +
                                  key["fingerprint"].get<std::string>());
    if (const auto ssh = key["ssh_fingerprint"].get<std::string>(); !ssh.empty()) {
        lines.emplace_back("In ssh", ssh);
    }
}

std::string text_of(const std::string& title, const Lines& lines, const Json& notes) {
    std::string text = title + "\n";
    for (const auto& [label, value] : lines) {
        if (!value.empty()) {
            text += "    " + label + std::string(11 - label.size(), ' ') + value + "\n";
        }
    }
    for (const auto& note : notes) {
        text += "    ! " + note.get<std::string>() + "\n";
    }
    return text;
}

std::string certificate_text(const Json& json) {
    Lines lines{{"Issuer", printable(json["issuer"].get<std::string>())},
                {"Serial", json["serial"].get<std::string>()},
                {"Until", json["not_after"].get<std::string>() +
                              (json["expired"].get<bool>() ? " (expired)" : "")},
                {"For", joined(json["usages"])},
                {"CRL", joined(json["crl"])},
                {"OCSP", joined(json["ocsp"])},
                {"Authority", joined(json["authority"])}};
    if (json["key"].is_object()) {
        add_key_lines(lines, json["key"]);
    }
    return text_of("Revoke: " + printable(json["subject"].get<std::string>()), lines,
                   json["notes"]);
}

std::string key_text(const Json& key) {
    Lines lines;
    add_key_lines(lines, key);
    return text_of("Take out of authorized_keys and the like: a key without a certificate", lines,
                   key["notes"]);
}

} // namespace

Json checklist_json(const CardContents& contents) {
    Json json{{"certificates", Json::array()}, {"keys", Json::array()}};
    for (const auto& certificate : contents.certificates) {
        json["certificates"].push_back(certificate_json(contents, certificate));
    }
    for (const Key& key : contents.keys) {
        if (!contents.has_certificate(key)) {
            Json row = key_json(contents, key, false);
            row["notes"] = notes_on_key(contents, key, false);
            json["keys"].push_back(row);
        }
    }
    json["problem"] = contents.problem;
    return json;
}

std::string checklist_text(const CardContents& contents) {
    const Json json = checklist_json(contents);
    std::string text;
    for (const auto& certificate : json["certificates"]) {
        text += certificate_text(certificate);
    }
    for (const auto& key : json["keys"]) {
        text += key_text(key);
    }
    if (!contents.problem.empty()) {
        text += "The card's certificates could not be read, so ask the authority what it has "
                "issued for this card: " +
                printable(contents.problem) + "\n";
    }
    if (text.empty()) {
        return "There is nothing to revoke: the card has no key and no certificate.";
    }
    text.pop_back(); // Output ends the last line
    return text;
}

std::string loss_text(const CardContents& contents) {
    const std::string keys = contents.problem.empty()
                                 ? "Its " + plural(contents.keys.size(), "private key")
                                 : "All its private keys";
    std::string text = keys + " will be gone for good. Data encrypted for it cannot be read any "
                              "more, and its certificates are worthless. Nothing brings them back.";
    for (const auto& certificate : contents.certificates) {
        text += "\n    certificate " + printable(certificate.subject()) + ", until " +
                certificate.not_after();
    }
    return text;
}

} // namespace tpmvsc::cli
