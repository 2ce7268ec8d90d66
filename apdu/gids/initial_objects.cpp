// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/initial_objects.hpp"

#include "apdu/gids/file_table.hpp"
#include "apdu/gids/minidriver_files.hpp"
#include "base/tlv.hpp"

#include <array>
#include <string>

namespace tpmvsc::gids {

namespace {

struct DataFile {
    FileId id;
    Condition put;
    Condition get;
};
constexpr std::array data_files{
    DataFile{directory_file, user_or_administrator, always},
    DataFile{everyone_reads_user_writes, user_or_administrator, always},
    DataFile{user_executes, user_or_administrator, never},
    DataFile{everyone_reads_admin_writes, administrator, always},
    DataFile{user_reads_and_writes, user_or_administrator, user_or_administrator},
    DataFile{admin_reads_and_writes, administrator, administrator},
};

/// The admin key: chosen by anyone, replaced by the administrator, read by nobody.
FileControl admin_key() {
    constexpr std::uint8_t access_mode = 0x87;
    constexpr std::array<std::uint8_t, 11> authentication_template{
        0xA4, 0x09, 0x80, 0x01, 0x02, 0x83, 0x01, 0x80, 0x95, 0x01, 0xC0};
    FileControl file;
    file.id = admin_key_file;
    file.kind = FileControl::Kind::key;
    file.access_mode = access_mode;
    file.conditions = {always, administrator, never};
    file.control_templates = to_bytes(ByteView(authentication_template));
    file.activated = true;
    return file;
}

std::vector<FileControl> files() {
    std::vector<FileControl> all;
    for (const DataFile& row : data_files) {
        FileControl file;
        file.id = row.id;
        file.access_mode = 0x03;
        file.conditions = {row.put, row.get};
        file.activated = true;
        all.push_back(std::move(file));
    }
    all.push_back(admin_key());
    return all;
}

Bytes master_file() {
    const std::string mscp = minidriver_directory;
    return encode_master_file({{mscp, "", 0, directory_file},
                               {"", "cardid", tag_card_id, everyone_reads_admin_writes},
                               {"", "cardapps", tag_card_applications, everyone_reads_user_writes},
                               {"", "cardcf", tag_card_cache, everyone_reads_user_writes},
                               {mscp, "cmapfile", tag_container_map, everyone_reads_user_writes}});
}

std::pair<card::ObjectTag, Bytes> object(FileId file, std::uint32_t tag, ByteView value) {
    TlvWriter writer;
    return {object_of(file, tag), writer.add(tag, value).take()};
}

} // namespace

std::vector<std::pair<card::ObjectTag, Bytes>> initial_objects(const card::Identity& identity) {
    Bytes applications = to_bytes(std::string_view(minidriver_directory));
    applications.resize(8, 0);
    const Bytes fresh_cache(6, 0);
    return {
        {table_object, encode_table(files(), false)},
        object(directory_file, tag_master_file, master_file()),
        // Windows keeps what it has read of a card by this identifier.
        object(everyone_reads_admin_writes, tag_card_id, identity.id),
        object(everyone_reads_user_writes, tag_card_applications, applications),
        object(everyone_reads_user_writes, tag_card_cache, fresh_cache),
        object(everyone_reads_user_writes, tag_container_map, {}),
    };
}

} // namespace tpmvsc::gids
