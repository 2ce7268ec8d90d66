// SPDX-License-Identifier: Apache-2.0
#include "card/records.hpp"

#include "card/record_fields.hpp"

#include <array>
#include <cinttypes>
#include <cstdio>

namespace tpmvsc::card {

namespace {

constexpr std::string_view key_prefix = "key-";
constexpr std::string_view object_prefix = "object-";
constexpr std::string_view pin_object_prefix = "pin-object-";

/// An index' approvals by their fields' names. A PIN has no set_value: its own value changes it.
template<typename Index>
auto approvals_of(Index& index) {
    return std::array{std::pair{"_change", &index.change},
                      std::pair{"_set_limit", &index.set_limit},
                      std::pair{"_set_value", &index.set_value}, std::pair{"_grant", &index.grant}};
}

/// The lengths that some cards keep, by their fields' names.
template<typename Pins>
auto lengths_of(Pins& pins) {
    return std::array{std::pair{"pin_length", &pins.pin_length},
                      std::pair{"puk_length", &pins.puk_length},
                      std::pair{"next_pin_length", &pins.next_pin_length},
                      std::pair{"next_puk_length", &pins.next_puk_length}};
}

constexpr std::array index_kinds{std::pair{tpm::PinIndexKind::pin_fail, "pin_fail"},
                                 std::pair{tpm::PinIndexKind::pin_pass, "pin_pass"},
                                 std::pair{tpm::PinIndexKind::ordinary, "ordinary"}};
constexpr std::array policy_names{std::pair{PinPolicy::never, "never"},
                                  std::pair{PinPolicy::once, "once"},
                                  std::pair{PinPolicy::always, "always"}};
constexpr std::array origin_names{std::pair{KeyOrigin::generated, "generated"},
                                  std::pair{KeyOrigin::imported, "imported"}};
constexpr std::array proof_names{std::pair{AdminProof::encrypts, "encrypts"},
                                 std::pair{AdminProof::decrypts, "decrypts"},
                                 std::pair{AdminProof::spoken, "spoken"}};
constexpr std::array reset_kinds{std::pair{ResetKind::admin_tdes, "admin_3des"},
                                 std::pair{ResetKind::admin_aes128, "admin_aes128"},
                                 std::pair{ResetKind::admin_aes192, "admin_aes192"},
                                 std::pair{ResetKind::admin_aes256, "admin_aes256"},
                                 std::pair{ResetKind::authority, "authority"}};
constexpr std::uint32_t most_seals = 64;

template<typename Table, typename Value>
const char* name_in(const Table& table, Value value) {
    for (const auto& [entry, name] : table) {
        if (entry == value)
            return name;
    }
    return "";
}

template<typename Table>
auto value_in(const Table& table, const RecordFields& fields, const std::string& key) {
    const std::string text = fields.text(key);
    for (const auto& [entry, name] : table) {
        if (text == name)
            return entry;
    }
    fields.complain(key);
}

void put_index(KeyValue& record, const std::string& prefix, const tpm::PinIndex& index) {
    record.set(prefix + "_kind", name_in(index_kinds, index.kind));
    record.set_number(prefix + "_handle", index.handle);
    record.set_bytes(prefix + "_name", index.name);
    record.set_number(prefix + "_limit", index.limit);
    record.set_number(prefix + "_branches", index.branches.size());
    for (std::size_t i = 0; i < index.branches.size(); ++i)
        record.set_bytes(prefix + "_branch_" + std::to_string(i), index.branches[i]);
    record.set_bytes(prefix + "_creator_name", index.creator_name);
    for (const auto& [name, approval] : approvals_of(index)) {
        record.set_bytes(prefix + name + "_policy", approval->policy);
        record.set_bytes(prefix + name + "_ticket", approval->ticket);
    }
}

tpm::PinIndex get_index(const RecordFields& fields, const std::string& prefix) {
    constexpr std::uint32_t most_branches = 8; // what PolicyOR takes
    tpm::PinIndex index;
    index.kind = value_in(index_kinds, fields, prefix + "_kind");
    index.handle = fields.number(prefix + "_handle");
    index.name = fields.bytes(prefix + "_name");
    index.limit = fields.number(prefix + "_limit");
    const std::uint32_t branches = fields.number(prefix + "_branches");
    if (branches > most_branches)
        fields.complain(prefix + "_branches");
    for (std::uint32_t i = 0; i < branches; ++i)
        index.branches.push_back(fields.bytes(prefix + "_branch_" + std::to_string(i)));
    index.creator_name = fields.bytes(prefix + "_creator_name");
    for (const auto& [name, approval] : approvals_of(index)) {
        approval->policy = fields.bytes(prefix + name + "_policy");
        approval->ticket = fields.bytes(prefix + name + "_ticket");
    }
    return index;
}

std::string with_hex(std::string_view prefix, std::uint64_t number) {
    std::array<char, 17> digits{};
    const int length = std::snprintf(digits.data(), digits.size(), "%" PRIx64, number);
    return std::string(prefix) + (length % 2 == 0 ? "" : "0") + digits.data();
}

std::optional<std::uint64_t> hex_after(std::string_view prefix, std::string_view file) {
    if (file.substr(0, prefix.size()) != prefix)
        return std::nullopt;
    const auto bytes = from_hex(file.substr(prefix.size()));
    if (!bytes || bytes->empty() || bytes->size() > sizeof(std::uint64_t))
        return std::nullopt;
    return read_big_endian(*bytes);
}

[[noreturn]] void missing(const std::string& file) {
    throw StorageError(
        StorageError::Reason::damaged,
        "the card's file \"" + file +
            "\" is missing: restore the card's folder from a backup, or destroy the card");
}

} // namespace

std::optional<KeyValue> parse_record(const SealedFiles& files, const std::string& file) {
    const auto contents = files.read(file);
    if (!contents)
        return std::nullopt;
    const ByteView view = contents->view();
    std::string why;
    auto record = KeyValue::parse(
        std::string_view(reinterpret_cast<const char*>(view.data()), view.size()), &why);
    if (!record)
        throw StorageError(StorageError::Reason::damaged,
                           "the card's file \"" + file + "\" is malformed (" + why +
                               "): restore the card's folder from a backup, or destroy the card");
    return record;
}

void write_record(const SealedFiles& files, const std::string& file, const KeyValue& record) {
    files.write(file, as_bytes(record.write()));
}

PinRecord PinRecord::read(const SealedFiles& files) {
    const auto record = parse_record(files, file);
    if (!record)
        missing(file);
    const RecordFields fields(*record, file);
    PinRecord pins;
    pins.pin = get_index(fields, "pin");
    if (fields.has("puk_handle"))
        pins.puk = get_index(fields, "puk");
    pins.salt = fields.bytes("salt");
    pins.admin_resets_pin = fields.flag("admin_resets_pin");
    pins.reset_authority = fields.bytes("reset_authority");
    if (fields.has("grant_handle")) {
        pins.grant = get_index(fields, "grant");
        pins.grant_value = fields.bytes("grant_value");
    }
    pins.pin_is_default = fields.flag("pin_is_default");
    pins.puk_is_default = fields.flag("puk_is_default");
    for (const auto& [name, length] : lengths_of(pins)) {
        if (fields.has(name))
            *length = fields.number(name);
    }
    return pins;
}

void PinRecord::write(const SealedFiles& files) const {
    KeyValue record;
    put_index(record, "pin", pin);
    if (puk)
        put_index(record, "puk", *puk);
    record.set_bytes("salt", salt);
    record.set_number("admin_resets_pin", admin_resets_pin ? 1 : 0);
    record.set_bytes("reset_authority", reset_authority);
    if (grant) {
        put_index(record, "grant", *grant);
        record.set_bytes("grant_value", grant_value);
    }
    record.set_number("pin_is_default", pin_is_default ? 1 : 0);
    record.set_number("puk_is_default", puk_is_default ? 1 : 0);
    for (const auto& [name, length] : lengths_of(*this)) {
        if (*length != 0)
            record.set_number(name, *length);
    }
    write_record(files, file, record);
}

std::optional<KeyRecord> KeyRecord::read(const SealedFiles& files, const std::string& file) {
    const auto record = parse_record(files, file);
    if (!record)
        return std::nullopt;
    const RecordFields fields(*record, file);
    KeyRecord key;
    const auto algorithm = tpm::algorithm_from_name(fields.text("algorithm"));
    if (!algorithm)
        fields.complain("algorithm");
    key.info.algorithm = *algorithm;
    key.info.pin_policy = value_in(policy_names, fields, "pin_policy");
    key.info.origin = value_in(origin_names, fields, "origin");
    if (is_rsa(*algorithm)) {
        key.info.public_key.modulus = fields.bytes("modulus");
        key.info.public_key.exponent = fields.number("exponent");
    } else {
        key.info.public_key.point = fields.bytes("point");
    }
    key.blob = {fields.bytes("tpm_public"), fields.bytes("tpm_private")};
    key.name = fields.bytes("tpm_name");
    return key;
}

void KeyRecord::write(const SealedFiles& files, const std::string& file) const {
    KeyValue record;
    record.set("algorithm", algorithm_name(info.algorithm));
    record.set("pin_policy", name_in(policy_names, info.pin_policy));
    record.set("origin", name_in(origin_names, info.origin));
    if (is_rsa(info.algorithm)) {
        record.set_bytes("modulus", info.public_key.modulus);
        record.set_number("exponent", info.public_key.exponent);
    } else {
        record.set_bytes("point", info.public_key.point);
    }
    record.set_bytes("tpm_public", blob.public_area);
    record.set_bytes("tpm_private", blob.private_area);
    record.set_bytes("tpm_name", name);
    write_record(files, file, record);
}

std::string key_file(KeySlot slot) {
    return with_hex(key_prefix, slot);
}

std::optional<KeySlot> key_slot_of(const std::string& file) {
    const auto number = hex_after(key_prefix, file);
    if (!number || *number > 0xFF)
        return std::nullopt;
    return static_cast<KeySlot>(*number);
}

std::string object_file(ObjectTag tag) {
    return with_hex(object_prefix, tag);
}

std::string pin_object_file(ObjectTag tag) {
    return with_hex(pin_object_prefix, tag);
}

std::optional<ObjectTag> object_tag_of(const std::string& file) {
    const auto open = hex_after(object_prefix, file);
    return open ? open : hex_after(pin_object_prefix, file);
}

AdminRecord AdminRecord::read(const SealedFiles& files) {
    const auto record = parse_record(files, file);
    if (!record)
        missing(file);
    const RecordFields fields(*record, file);
    AdminRecord admin;
    admin.algorithm = fields.text("algorithm");
    const std::uint32_t seals = fields.number("seals");
    if (seals > most_seals)
        fields.complain("seals");
    for (std::uint32_t i = 0; i < seals; ++i) {
        const std::string prefix = "seal_" + std::to_string(i);
        admin.seals.push_back(
            {value_in(proof_names, fields, prefix + "_proof"),
             fields.bytes(prefix + "_challenge"),
             {fields.bytes(prefix + "_public"), fields.bytes(prefix + "_private")}});
    }
    admin.epoch = {fields.number("epoch_handle"), fields.bytes("epoch_name"),
                   SecretBytes(fields.bytes("epoch_value"))};
    admin.count = fields.long_number("epoch_count");
    admin.authority.blob = {fields.bytes("authority_public"), fields.bytes("authority_private")};
    admin.authority.name = fields.bytes("authority_name");
    admin.is_default = fields.flag("is_default");
    return admin;
}

void AdminRecord::write(const SealedFiles& files) const {
    KeyValue record;
    record.set("algorithm", algorithm);
    record.set_number("seals", seals.size());
    for (std::size_t i = 0; i < seals.size(); ++i) {
        const std::string prefix = "seal_" + std::to_string(i);
        record.set(prefix + "_proof", name_in(proof_names, seals[i].proof));
        record.set_bytes(prefix + "_challenge", seals[i].challenge);
        record.set_bytes(prefix + "_public", seals[i].blob.public_area);
        record.set_bytes(prefix + "_private", seals[i].blob.private_area);
    }
    record.set_number("epoch_handle", epoch.handle);
    record.set_bytes("epoch_name", epoch.name);
    record.set_bytes("epoch_value", epoch.value.view());
    record.set_number("epoch_count", count);
    record.set_bytes("authority_public", authority.blob.public_area);
    record.set_bytes("authority_private", authority.blob.private_area);
    record.set_bytes("authority_name", authority.name);
    record.set_number("is_default", is_default ? 1 : 0);
    write_record(files, file, record);
}

std::optional<PersonalisationRecord> PersonalisationRecord::read(const SealedFiles& files) {
    const auto record = parse_record(files, file);
    if (!record)
        return std::nullopt;
    const RecordFields fields(*record, file);
    return PersonalisationRecord{get_index(fields, "gate"),
                                 fields.bytes("gate_value"),
                                 {fields.bytes("tpm_public"), fields.bytes("tpm_private")}};
}

void PersonalisationRecord::write(const SealedFiles& files) const {
    KeyValue record;
    put_index(record, "gate", gate);
    record.set_bytes("gate_value", gate_value);
    record.set_bytes("tpm_public", sealed.public_area);
    record.set_bytes("tpm_private", sealed.private_area);
    write_record(files, file, record);
}

std::optional<RemoteUnblockRecord> RemoteUnblockRecord::read(const SealedFiles& files) {
    const auto record = parse_record(files, file);
    if (!record)
        return std::nullopt;
    const RecordFields fields(*record, file);
    RemoteUnblockRecord pending;
    pending.kind = value_in(reset_kinds, fields, "kind");
    pending.challenge = fields.bytes("challenge");
    pending.begun = {fields.text("begun_run"),
                     std::chrono::milliseconds(fields.long_number("begun_since_ms"))};
    pending.granted = fields.flag("granted");
    if (pending.kind == ResetKind::authority) {
        pending.session.nonce = pending.challenge;
        pending.session.context = fields.bytes("session_context");
        pending.session.key = SecretBytes(fields.bytes("session_key"));
    }
    return pending;
}

void RemoteUnblockRecord::write(const SealedFiles& files) const {
    KeyValue record;
    record.set("kind", name_in(reset_kinds, kind));
    record.set_bytes("challenge", challenge);
    record.set("begun_run", begun.run);
    record.set_number("begun_since_ms", static_cast<std::uint64_t>(begun.since.count()));
    record.set_number("granted", granted ? 1 : 0);
    if (kind == ResetKind::authority) {
        record.set_bytes("session_context", session.context);
        record.set_bytes("session_key", session.key.view());
    }
    write_record(files, file, record);
}

AttestationRecord AttestationRecord::read(const SealedFiles& files) {
    const auto record = parse_record(files, file);
    if (!record)
        missing(file);
    const RecordFields fields(*record, file);
    return {{fields.bytes("tpm_public"), fields.bytes("tpm_private")}, fields.bytes("certificate")};
}

void AttestationRecord::write(const SealedFiles& files) const {
    KeyValue record;
    record.set_bytes("tpm_public", blob.public_area);
    record.set_bytes("tpm_private", blob.private_area);
    record.set_bytes("certificate", certificate);
    write_record(files, file, record);
}

} // namespace tpmvsc::card
