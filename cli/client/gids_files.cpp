// SPDX-License-Identifier: Apache-2.0
#include "cli/client/gids_files.hpp"

#include "apdu/status_word.hpp"
#include "base/tlv.hpp"
#include "cli/client/refusal.hpp"

#include <algorithm>
#include <cctype>

namespace tpmvsc::cli::client {
namespace {

namespace sw = apdu::sw;

constexpr std::uint8_t ins_get_data = 0xCB;
constexpr std::uint8_t ins_put_data = 0xDB;
constexpr std::uint32_t tag_list = 0x5C;

/// Names differ in case between hosts: "kxc0a", "kxc0A".
bool same_name(const std::string& one, const std::string& other) {
    return std::equal(
        one.begin(), one.end(), other.begin(), other.end(),
        [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

/// What a container's key must be, by its length.
std::optional<card::KeyAlgorithm> algorithm_of(const gids::Container& container) {
    const unsigned bits = std::max(container.exchange_bits, container.signature_bits);
    for (const card::KeyAlgorithm algorithm : tpm::all_key_algorithms) {
        if (8 * card::key_bytes(algorithm) == bits) {
            return algorithm;
        }
    }
    return std::nullopt;
}

Command data_command(std::uint8_t ins, gids::FileId file, Bytes data) {
    return {ins, static_cast<std::uint8_t>(file >> 8), static_cast<std::uint8_t>(file),
            std::move(data)};
}

} // namespace

std::optional<Bytes> GidsFiles::get(gids::FileId file, std::uint32_t tag) const {
    const std::string what = "cannot read the card's files";
    TlvWriter writer;
    writer.add(tag_list, big_endian16(static_cast<std::uint16_t>(tag)));
    const auto reply = exchange(session_, data_command(ins_get_data, file, writer.take()));
    if (reply.status == sw::file_not_found.value || reply.status == sw::reference_not_found.value) {
        return std::nullopt;
    }
    require_done(what, reply);
    const auto object = TlvReader(reply.data).find(tag);
    if (!object) {
        throw malformed(what);
    }
    return to_bytes(object->value);
}

void GidsFiles::put(gids::FileId file, std::uint32_t tag, ByteView contents) const {
    TlvWriter writer;
    writer.add(tag, contents);
    require_done("cannot write the card's files",
                 exchange(session_, data_command(ins_put_data, file, writer.take())));
}

/// Before the change, since a host may otherwise keep what is no longer so.
void GidsFiles::count_on(bool containers, bool files) const {
    const auto cache = get(gids::everyone_reads_user_writes, gids::tag_card_cache);
    put(gids::everyone_reads_user_writes, gids::tag_card_cache,
        gids::freshened(cache.value_or(Bytes()), containers, files));
}

// --- Files

const GidsFiles::Directory& GidsFiles::directory() const {
    if (!directory_) {
        const auto file = get(gids::directory_file, gids::tag_master_file);
        if (!file) {
            throw Failure(ExitCode::failed,
                          "the card is blank, it has no file system for keys and certificates: "
                          "have a card management system or gids-tool make one, or create the "
                          "card with --generate");
        }
        directory_ = gids::decode_master_file(*file);
        if (!directory_) {
            throw Failure(ExitCode::failed,
                          "the card's list of files (its master file) is damaged");
        }
    }
    return *directory_;
}

GidsFiles::Directory::const_iterator GidsFiles::find(const std::string& name) const {
    const Directory& entries = directory();
    return std::find_if(entries.begin(), entries.end(), [&name](const auto& entry) {
        return same_name(entry.directory, gids::minidriver_directory) &&
               same_name(entry.name, name);
    });
}

void GidsFiles::write_directory(Directory entries) {
    put(gids::directory_file, gids::tag_master_file, gids::encode_master_file(entries));
    directory_ = std::move(entries);
}

/// What stands there without being listed was left by who did not finish.
std::uint32_t GidsFiles::free_tag() const {
    const Directory& entries = directory();
    for (std::uint32_t tag = gids::first_file_tag; tag <= gids::last_file_tag; ++tag) {
        const bool taken = std::any_of(entries.begin(), entries.end(), [tag](const auto& entry) {
            return entry.tag == tag && entry.file == gids::everyone_reads_user_writes;
        });
        if (!taken) {
            return tag;
        }
    }
    throw Failure(ExitCode::failed, "the card has no room for another file: delete a certificate");
}

std::optional<Bytes> GidsFiles::read(const std::string& name) const {
    const auto entry = find(name);
    return entry == directory().end() ? std::nullopt : get(entry->file, entry->tag);
}

bool GidsFiles::has(const std::string& name) const {
    return find(name) != directory().end();
}

void GidsFiles::write(const std::string& name, ByteView contents) {
    const auto entry = find(name);
    if (entry != directory().end()) {
        count_on(false, true);
        put(entry->file, entry->tag, contents);
        return;
    }
    const std::uint32_t tag = free_tag();
    count_on(false, true);
    put(gids::everyone_reads_user_writes, tag, contents);
    Directory entries = directory();
    entries.push_back({gids::minidriver_directory, name, tag, gids::everyone_reads_user_writes});
    write_directory(std::move(entries));
}

/// An object is emptied by the first empty value, and removed by the second.
void GidsFiles::remove(const std::string& name) {
    const auto entry = find(name);
    if (entry == directory().end()) {
        return;
    }
    // A copy, since the directory is another when its turn comes.
    const gids::DirectoryEntry gone = *entry; // NOLINT(performance-unnecessary-copy-initialization)
    Directory entries = directory();
    std::erase(entries, gone);
    count_on(false, true);
    write_directory(std::move(entries));
    put(gone.file, gone.tag, {});
    put(gone.file, gone.tag, {});
}

// --- Containers

const gids::ContainerMap& GidsFiles::containers() const {
    if (!containers_) {
        (void)directory(); // says when there is none
        containers_.emplace(
            get(gids::everyone_reads_user_writes, gids::tag_container_map).value_or(Bytes()));
    }
    return *containers_;
}

gids::KeyMap GidsFiles::key_map() const {
    gids::KeyMap keys(get(gids::directory_file, gids::tag_key_map).value_or(Bytes()));
    const std::size_t before = keys.size();
    keys.fit(containers().size());
    for (std::size_t index = before; index < keys.size(); ++index) {
        const auto container = containers().at(index);
        const auto algorithm = container ? algorithm_of(*container) : std::nullopt;
        if (algorithm) {
            keys.put(index, *algorithm, container->exchange_bits != 0);
        }
    }
    return keys;
}

void GidsFiles::mend_key_map() {
    const auto stored = get(gids::directory_file, gids::tag_key_map);
    if (gids::KeyMap(stored.value_or(Bytes())).size() != containers().size()) {
        count_on(true, true);
        put(gids::directory_file, gids::tag_key_map, key_map().file());
    }
}

void GidsFiles::write_containers(gids::ContainerMap containers, gids::KeyMap keys, Order order) {
    keys.fit(containers.size());
    count_on(true, true);
    const auto write_keys = [&] { put(gids::directory_file, gids::tag_key_map, keys.file()); };
    if (order == Order::key_map_first) {
        write_keys();
    }
    put(gids::everyone_reads_user_writes, gids::tag_container_map, containers.file());
    if (order == Order::container_map_first) {
        write_keys();
    }
    containers_ = std::move(containers);
}

} // namespace tpmvsc::cli::client
