// SPDX-License-Identifier: Apache-2.0
#include "card/identity_file.hpp"

#include "base/crypto.hpp"
#include "base/key_value.hpp"
#include "card/card_name.hpp"
#include "card/errors.hpp"
#include "card/store.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <stdexcept>
#include <string_view>

namespace tpmvsc::card {

namespace {

// The file is the line of the version, the fields, and the line of the checksum over all before it.
// The checksum tells accidents without the TPM; forgery the sealed files tell.
constexpr std::string_view version_prefix = "version = ";
constexpr std::string_view first_line = "version = 1\n";
constexpr std::string_view checksum_prefix = "checksum = ";
constexpr std::size_t id_bytes = 16;

const char* profile_text(Profile profile) {
    return profile == Profile::piv ? "piv" : "gids";
}

/// True for "2025-01-31T23:59:59Z" and its like, which sort by time as texts.
bool is_time(std::string_view text) {
    constexpr std::string_view shape = "0000-00-00T00:00:00Z";
    return std::equal(text.begin(), text.end(), shape.begin(), shape.end(), [](char c, char form) {
        return form == '0' ? c >= '0' && c <= '9' : c == form;
    });
}

/// True for words of visible ASCII with single spaces between, at least one.
bool is_word_list(std::string_view text) {
    char before = ' ';
    for (char c : text) {
        if (c < ' ' || c > '~' || (c == ' ' && before == ' '))
            return false;
        before = c;
    }
    return before != ' ';
}

/// The complaint about a file's contents, or nullptr. One rule for reading and writing, so that
/// nothing is written that will not be read.
const char* find_fault(const IdentityFile& file) {
    const Identity& identity = file.identity;
    const Anchor& anchor = file.anchor;
    if (identity.id.size() != id_bytes)
        return "its id has not 16 bytes";
    if (!file.replaces.empty() && file.replaces.size() != id_bytes)
        return "the id of the card that it replaces has not 16 bytes";
    if (!is_card_name(identity.name))
        return "its name is not a card's name";
    if (identity.slot >= max_slots)
        return "its slot is out of range";
    if (!is_time(identity.created))
        return "its time of creation is malformed";
    if (anchor.parent_public.empty() || anchor.parent_name.empty())
        return "its parent is missing";
    if (anchor.card_key_public.empty() || anchor.card_key_private.empty())
        return "its card key is missing";
    if (!is_word_list(anchor.algorithms))
        return "its algorithms are malformed";
    return nullptr;
}

[[noreturn]] void throw_damaged(const std::string& path, const std::string& why) {
    throw StorageError(StorageError::Reason::damaged,
                       path + " is damaged: " + why +
                           ". Bring the card's whole folder back from a backup, or destroy the "
                           "card and make a new one.");
}

/// Looks at the first line alone: nothing else is known of another version.
void check_version(std::string_view text, const std::string& path) {
    if (text.substr(0, first_line.size()) == first_line)
        return;
    unsigned version = 0;
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.substr(0, version_prefix.size()) == version_prefix && line.size() < text.size()) {
        const char* end = line.data() + line.size();
        const auto [stop, error] =
            std::from_chars(line.data() + version_prefix.size(), end, version);
        if (error != std::errc() || stop != end || version == 1)
            version = 0;
    }
    if (version == 0)
        throw_damaged(path, "it does not begin with its version");
    throw StorageError(StorageError::Reason::unknown_version,
                       path + " has format version " + std::to_string(version) +
                           ", which this tpmvsc does not know. Install the version that wrote it, "
                           "or a newer one.");
}

std::string checksum_line(std::string_view before) {
    return std::string(checksum_prefix) + to_hex(crypto::sha256({as_bytes(before)})) + "\n";
}

/// FieldReader takes fields out of the record and names the first that is missing or malformed.
class FieldReader {
  public:
    FieldReader(const KeyValue& record, const std::string& path) : record_(record), path_(path) {}

    std::string text(const char* key) const { return need(record_.text(key), key); }
    Bytes bytes(const char* key) const { return need(record_.bytes(key), key); }
    std::uint32_t number(const char* key) const {
        const std::uint64_t value = need(record_.number(key), key);
        if (value > std::numeric_limits<std::uint32_t>::max())
            fail(key);
        return static_cast<std::uint32_t>(value);
    }
    /// Empty where there is no such field.
    Bytes optional_bytes(const char* key) const { return record_.has(key) ? bytes(key) : Bytes(); }
    Profile profile(const char* key) const {
        const std::string value = text(key);
        for (Profile known : {Profile::piv, Profile::gids})
            if (value == profile_text(known))
                return known;
        fail(key);
    }

  private:
    [[noreturn]] void fail(const char* key) const {
        throw_damaged(path_, std::string("its field \"") + key + "\" is missing or malformed");
    }
    template<typename T>
    T need(std::optional<T> value, const char* key) const {
        if (!value)
            fail(key);
        return *std::move(value);
    }

    const KeyValue& record_;
    const std::string& path_;
};

} // namespace

IdentityFile IdentityFile::read(const Folder& folder) {
    const std::string path = folder.path() + "/" + name;
    const std::optional<Bytes> contents = folder.read(name);
    if (!contents)
        throw_damaged(path, "it is missing");
    const std::string text(contents->begin(), contents->end());
    check_version(text, path);
    const std::size_t last_line = text.rfind('\n', text.size() - 2) + 1;
    if (text.substr(last_line) != checksum_line(text.substr(0, last_line)))
        throw_damaged(path, "its checksum does not fit");
    std::string why;
    const std::optional<KeyValue> record = KeyValue::parse(text, &why);
    if (!record)
        throw_damaged(path, why);
    const FieldReader fields(*record, path);
    IdentityFile file;
    file.identity = {fields.bytes("id"),    fields.text("name"),     fields.profile("profile"),
                     fields.number("slot"), fields.number("serial"), fields.text("created")};
    file.replaces = fields.optional_bytes("replaces");
    file.anchor = {fields.number("parent_handle"),   fields.bytes("parent_public"),
                   fields.bytes("parent_name"),      fields.bytes("card_key_public"),
                   fields.bytes("card_key_private"), fields.text("algorithms")};
    if (const char* fault = find_fault(file))
        throw_damaged(path, fault);
    file.binding = crypto::sha256({*contents});
    return file;
}

void IdentityFile::write(const Folder& folder) {
    if (const char* fault = find_fault(*this))
        throw std::invalid_argument(std::string("a card's identity cannot be written: ") + fault);
    KeyValue record;
    record.set_bytes("id", identity.id);
    record.set("name", identity.name);
    record.set("profile", profile_text(identity.profile));
    record.set_number("slot", identity.slot);
    record.set_number("serial", identity.serial);
    record.set("created", identity.created);
    if (!replaces.empty())
        record.set_bytes("replaces", replaces);
    record.set_number("parent_handle", anchor.parent_handle);
    record.set_bytes("parent_public", anchor.parent_public);
    record.set_bytes("parent_name", anchor.parent_name);
    record.set_bytes("card_key_public", anchor.card_key_public);
    record.set_bytes("card_key_private", anchor.card_key_private);
    record.set("algorithms", anchor.algorithms);
    const std::string body = std::string(first_line) + record.write();
    const std::string text = body + checksum_line(body);
    folder.write(name, as_bytes(text));
    binding = crypto::sha256({as_bytes(text)});
}

} // namespace tpmvsc::card
