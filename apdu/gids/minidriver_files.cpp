// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/minidriver_files.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace tpmvsc::gids {

namespace {

constexpr std::uint8_t format_version = 0x01;

// --- Numbers, which Windows writes the little end first

void append_little_endian(Bytes& target, std::uint32_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        target.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

std::uint32_t little_endian(ByteView bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) {
        value = value << 8 | bytes[i - 1];
    }
    return value;
}

// --- Master file

constexpr std::size_t name_bytes = 9;
constexpr std::size_t entry_bytes = 2 * name_bytes + 2 + 4 + 4;

void append_name(Bytes& target, std::string_view name) {
    name = name.substr(0, name_bytes - 1);
    append(target, as_bytes(name));
    target.resize(target.size() + name_bytes - name.size(), 0);
}

std::string name_in(ByteView field) {
    const auto end = std::find(field.begin(), field.end(), 0);
    return {field.begin(), end};
}

// --- Container names: UTF-16 on the card

using Units = std::vector<std::uint16_t>;

/// One character of UTF-8 from `text`, which is shortened by it; nothing where it is none.
std::optional<std::uint32_t> next_character(std::string_view& text) {
    const auto first = static_cast<std::uint8_t>(text.front());
    const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (text.size() < size || (first >= 0x80 && first < 0xC2) || first > 0xF4) {
        return std::nullopt;
    }
    constexpr std::array<std::uint8_t, 5> kept_bits{0, 0x7F, 0x1F, 0x0F, 0x07};
    std::uint32_t character = first & kept_bits[size];
    for (std::size_t i = 1; i < size; ++i) {
        const auto more = static_cast<std::uint8_t>(text[i]);
        if ((more & 0xC0) != 0x80) {
            return std::nullopt;
        }
        character = character << 6 | (more & 0x3F);
    }
    text.remove_prefix(size);
    return character;
}

std::optional<Units> to_utf16(const std::string& name) {
    constexpr std::uint32_t beyond_one_unit = 0x10000;
    Units units;
    for (std::string_view rest = name; !rest.empty();) {
        const auto character = next_character(rest);
        if (!character || *character == 0 || (*character >= 0xD800 && *character < 0xE000)) {
            return std::nullopt;
        }
        if (*character < beyond_one_unit) {
            units.push_back(static_cast<std::uint16_t>(*character));
        } else {
            const std::uint32_t rest_bits = *character - beyond_one_unit;
            units.push_back(static_cast<std::uint16_t>(0xD800 | rest_bits >> 10));
            units.push_back(static_cast<std::uint16_t>(0xDC00 | (rest_bits & 0x3FF)));
        }
    }
    return units;
}

void append_utf8(std::string& target, std::uint32_t character) {
    const auto add = [&target](std::uint32_t byte) { target += static_cast<char>(byte); };
    if (character < 0x80) {
        add(character);
    } else if (character < 0x800) {
        add(0xC0 | character >> 6);
        add(0x80 | (character & 0x3F));
    } else if (character < 0x10000) {
        add(0xE0 | character >> 12);
        add(0x80 | (character >> 6 & 0x3F));
        add(0x80 | (character & 0x3F));
    } else {
        add(0xF0 | character >> 18);
        add(0x80 | (character >> 12 & 0x3F));
        add(0x80 | (character >> 6 & 0x3F));
        add(0x80 | (character & 0x3F));
    }
}

/// Up to the terminator. A half of a pair without the other becomes a question mark.
std::string from_utf16(ByteView field) {
    std::string name;
    for (std::size_t i = 0; i + 1 < field.size(); i += 2) {
        std::uint32_t unit = little_endian(field.subspan(i, 2));
        if (unit == 0) {
            break;
        }
        if (unit >= 0xD800 && unit < 0xE000) {
            const std::uint32_t low =
                i + 3 < field.size() ? little_endian(field.subspan(i + 2, 2)) : 0;
            if (unit < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
                unit = 0x10000 + ((unit & 0x3FF) << 10) + (low & 0x3FF);
                i += 2;
            } else {
                unit = '?';
            }
        }
        append_utf8(name, unit);
    }
    return name;
}

// --- Container map

constexpr std::size_t container_name_bytes = 2 * (longest_container_name + 1);
constexpr std::size_t flags_place = container_name_bytes;
constexpr std::size_t signature_place = flags_place + 2;
constexpr std::size_t exchange_place = signature_place + 2;
constexpr std::size_t container_bytes = exchange_place + 2;
constexpr std::uint8_t valid_flag = 0x01;
constexpr std::uint8_t default_flag = 0x02;

// --- Key map

constexpr std::size_t key_record_bytes = 12;
constexpr std::uint8_t type_exchange = 0x9A;
constexpr std::uint8_t type_signature = 0x9C;
constexpr std::uint32_t no_key = 0xFFFF;

Bytes key_record(bool used, std::uint8_t algorithm, std::uint8_t type, std::uint32_t key_file) {
    Bytes record;
    append_little_endian(record, used ? 1 : 0, 4);
    record.push_back(algorithm);
    record.push_back(type);
    append_little_endian(record, key_file, 2);
    append_little_endian(record, 0xFFFF, 2);
    append_little_endian(record, 0, 2);
    return record;
}

} // namespace

Bytes encode_master_file(const std::vector<DirectoryEntry>& entries) {
    Bytes file{format_version};
    for (const DirectoryEntry& entry : entries) {
        append_name(file, entry.directory);
        append_name(file, entry.name);
        append_little_endian(file, 0, 2);
        append_little_endian(file, entry.tag, 4);
        append_little_endian(file, entry.file, 4);
    }
    return file;
}

std::optional<std::vector<DirectoryEntry>> decode_master_file(ByteView file) {
    if (file.empty() || file.front() != format_version || (file.size() - 1) % entry_bytes != 0) {
        return std::nullopt;
    }
    std::vector<DirectoryEntry> entries;
    for (ByteView rest = file.subspan(1); !rest.empty(); rest = rest.subspan(entry_bytes)) {
        DirectoryEntry entry;
        entry.directory = name_in(rest.first(name_bytes));
        entry.name = name_in(rest.subspan(name_bytes, name_bytes));
        entry.tag = little_endian(rest.subspan(2 * name_bytes + 2, 4));
        entry.file = static_cast<FileId>(little_endian(rest.subspan(2 * name_bytes + 6, 4)));
        entries.push_back(std::move(entry));
    }
    return entries;
}

std::size_t ContainerMap::size() const {
    return file_.size() / container_bytes;
}

std::optional<Container> ContainerMap::at(std::size_t index) const {
    if (index >= size()) {
        return std::nullopt;
    }
    const ByteView record = ByteView(file_).subspan(index * container_bytes, container_bytes);
    if ((record[flags_place] & valid_flag) == 0) {
        return std::nullopt;
    }
    Container container;
    container.name = from_utf16(record.first(container_name_bytes));
    container.is_default = (record[flags_place] & default_flag) != 0;
    container.signature_bits =
        static_cast<std::uint16_t>(little_endian(record.subspan(signature_place, 2)));
    container.exchange_bits =
        static_cast<std::uint16_t>(little_endian(record.subspan(exchange_place, 2)));
    return container;
}

void ContainerMap::put(std::size_t index, const Container& container) {
    Units units = to_utf16(container.name).value_or(Units());
    units.resize(longest_container_name + 1, 0);
    units.back() = 0;
    Bytes record;
    for (const std::uint16_t unit : units) {
        append_little_endian(record, unit, 2);
    }
    append_little_endian(record, valid_flag, 2);
    append_little_endian(record, container.signature_bits, 2);
    append_little_endian(record, container.exchange_bits, 2);
    file_.resize(std::max(size(), index + 1) * container_bytes, 0);
    std::copy(record.begin(), record.end(),
              file_.begin() + static_cast<std::ptrdiff_t>(index * container_bytes));
    if (container.is_default) {
        make_default(index);
    }
}

void ContainerMap::clear(std::size_t index) {
    const auto gone = at(index);
    if (index < size()) {
        std::fill_n(file_.begin() + static_cast<std::ptrdiff_t>(index * container_bytes),
                    container_bytes, 0);
    }
    if (!gone || !gone->is_default) {
        return;
    }
    for (std::size_t i = 0; i < size(); ++i) {
        if (at(i)) {
            make_default(i);
            return;
        }
    }
}

void ContainerMap::make_default(std::size_t index) {
    for (std::size_t i = 0; i < size(); ++i) {
        std::uint8_t& flags = file_[i * container_bytes + flags_place];
        flags =
            static_cast<std::uint8_t>(i == index ? flags | default_flag : flags & ~default_flag);
    }
}

std::optional<std::size_t> container_name_units(const std::string& name) {
    const auto units = to_utf16(name);
    return units ? std::optional(units->size()) : std::nullopt;
}

std::size_t KeyMap::size() const {
    return file_.empty() ? 0 : (file_.size() - 1) / key_record_bytes;
}

void KeyMap::fit(std::size_t records) {
    const std::size_t before = size();
    if (file_.empty()) {
        file_.push_back(format_version);
    }
    file_.resize(1 + records * key_record_bytes, 0);
    for (std::size_t i = before; i < records; ++i) {
        clear(i);
    }
}

void KeyMap::put(std::size_t index, card::KeyAlgorithm algorithm, bool exchange) {
    write(index,
          key_record(true, reference_of(algorithm), exchange ? type_exchange : type_signature,
                     static_cast<std::uint32_t>(first_key_file + index)));
}

void KeyMap::clear(std::size_t index) {
    write(index, key_record(false, 0, 0, no_key));
}

void KeyMap::write(std::size_t index, ByteView record) {
    if (index < size()) {
        std::copy(record.begin(), record.end(),
                  file_.begin() + static_cast<std::ptrdiff_t>(1 + index * key_record_bytes));
    }
}

Bytes freshened(ByteView cache, bool containers, bool files) {
    constexpr std::size_t size = 6;
    constexpr std::size_t containers_place = 2;
    constexpr std::size_t files_place = 4;
    Bytes fresh = to_bytes(cache);
    fresh.resize(std::max(size, fresh.size()), 0);
    const auto count_on = [&fresh](std::size_t place) {
        const std::uint32_t next = little_endian(ByteView(fresh).subspan(place, 2)) + 1;
        fresh[place] = static_cast<std::uint8_t>(next);
        fresh[place + 1] = static_cast<std::uint8_t>(next >> 8);
    };
    if (containers) {
        count_on(containers_place);
    }
    if (files) {
        count_on(files_place);
    }
    return fresh;
}

} // namespace tpmvsc::gids
