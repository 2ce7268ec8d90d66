// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/file_control.hpp"

#include "base/tlv.hpp"

#include <bit>
#include <optional>
#include <span>

namespace tpmvsc::gids {

namespace {

namespace sw = apdu::sw;

constexpr std::uint32_t tag_template = 0x62;
constexpr std::uint32_t tag_descriptor = 0x82;
constexpr std::uint32_t tag_identifier = 0x83;
constexpr std::uint32_t tag_life_cycle = 0x8A;
constexpr std::uint32_t tag_security_attributes = 0x8C;
constexpr std::uint32_t tag_proprietary = 0xA5;

/// File descriptor bytes (ISO 7816-4 table 14): BER-TLV data, and internal data for the card's own
/// use.
constexpr std::uint8_t descriptor_data = 0x39;
constexpr std::uint8_t descriptor_key = 0x18;

/// Life cycle status bytes (ISO 7816-4 table 13).
constexpr std::uint8_t created = 0x01;
constexpr std::uint8_t operational = 0x05;

/// Bit 8 only says that the others are meant by a table of the specification's own.
constexpr std::uint8_t operations = 0x7F;

/// OpenSC's longest have 55 bytes.
constexpr std::size_t longest_templates = 1024;

constexpr FileId key_range = 0xB000;
constexpr FileId range_of(FileId id) {
    return id & 0xFF00;
}

/// Identifiers that ISO 7816-4 section 7.1.1 and this card give another meaning.
bool is_reserved(FileId id) {
    return id == current_file || id == application_file || id == ef_dir || id == ef_atr ||
           id == 0x3F00 || id == 0xFFFF || range_of(id) == key_range;
}

std::optional<FileControl::Kind> kind_of(const Tlv& descriptor) {
    if (descriptor.value.empty()) {
        return std::nullopt;
    }
    switch (descriptor.value.front()) {
    case descriptor_data:
        return FileControl::Kind::data;
    case descriptor_key:
        return FileControl::Kind::key;
    default:
        return std::nullopt;
    }
}

/// Where a file may be: keys at their references, data anywhere else.
bool is_well_placed(const FileControl& file) {
    return file.is_key() ? range_of(file.id) == key_range && file.id >= admin_key_file
                         : !is_reserved(file.id);
}

/// Conditions stand in the order of the access mode's bits, the highest first.
Condition condition_in(std::uint8_t access_mode, std::span<const Condition> conditions,
                       Operation operation) {
    const auto wanted = static_cast<std::uint8_t>(operation);
    if ((access_mode & wanted) == 0) {
        return never;
    }
    const auto above = static_cast<std::uint8_t>(access_mode & operations & ~(2u * wanted - 1));
    return conditions[static_cast<std::size_t>(std::popcount(above))];
}

} // namespace

Condition FileControl::condition(Operation operation) const {
    return condition_in(access_mode, conditions, operation);
}

Condition application_condition(Operation operation) {
    return condition_in(application_access_mode, application_conditions, operation);
}

Condition FileControl::deletion_condition() const {
    if (is_key()) {
        return always; // the key goes with it
    }
    const Condition writing = condition(Operation::put_data);
    return writing == never ? administrator : writing;
}

bool FileControl::serves(std::uint32_t tag) const {
    return TlvReader(control_templates).find(tag).has_value();
}

std::variant<FileControl, apdu::StatusWord> parse_file_control(ByteView data) {
    const auto outer = parse_all(data);
    if (!outer || outer->size() != 1 || outer->front().tag != tag_template) {
        return sw::wrong_data;
    }
    const auto parameters = parse_all(outer->front().value);
    if (!parameters || has_duplicates(*parameters)) {
        return sw::wrong_data;
    }
    const TlvReader reader(outer->front().value);
    const auto descriptor = reader.find(tag_descriptor);
    const auto identifier = reader.find(tag_identifier);
    const auto attributes = reader.find(tag_security_attributes);
    const auto kind = descriptor ? kind_of(*descriptor) : std::nullopt;
    if (!kind || !identifier || identifier->value.size() != 2 || !attributes ||
        attributes->value.empty()) {
        return sw::wrong_data;
    }
    FileControl file;
    file.kind = *kind;
    file.id = static_cast<FileId>(read_big_endian(identifier->value));
    file.access_mode = attributes->value.front();
    file.conditions = to_bytes(attributes->value.subspan(1));
    const auto named = static_cast<std::uint8_t>(file.access_mode & operations);
    if (!is_well_placed(file) ||
        file.conditions.size() != static_cast<std::size_t>(std::popcount(named))) {
        return sw::wrong_data;
    }
    if (const auto templates = reader.find(tag_proprietary); file.is_key() && templates) {
        if (templates->value.size() > longest_templates || !parse_all(templates->value)) {
            return sw::wrong_data;
        }
        file.control_templates = to_bytes(templates->value);
    }
    const auto life_cycle = reader.find(tag_life_cycle);
    file.activated = life_cycle && equal(life_cycle->value, Bytes{operational});
    return file;
}

Bytes file_control_parameters(const FileControl& file) {
    TlvWriter writer;
    writer.open(tag_template)
        .add(tag_descriptor, Bytes{file.is_key() ? descriptor_key : descriptor_data})
        .add(tag_identifier, big_endian16(file.id))
        .add(tag_life_cycle, Bytes{file.activated ? operational : created})
        .add(tag_security_attributes, concat({Bytes{file.access_mode}, file.conditions}));
    if (!file.control_templates.empty()) {
        writer.add(tag_proprietary, file.control_templates);
    }
    return writer.close().take();
}

} // namespace tpmvsc::gids
