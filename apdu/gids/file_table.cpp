// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/file_table.hpp"

#include "base/tlv.hpp"
#include "card/errors.hpp"

#include <algorithm>

namespace tpmvsc::gids {

namespace {

constexpr std::uint32_t tag_life_cycle = 0x8A;
constexpr std::uint8_t operational = 0x05;
constexpr std::uint8_t terminated_state = 0x0C;
constexpr unsigned tag_bits = 24;
constexpr std::uint32_t tag_mask = (1u << tag_bits) - 1;

[[noreturn]] void damaged() {
    throw card::StorageError(card::StorageError::Reason::damaged,
                             "the card's list of files is malformed: restore the card's folder "
                             "from a backup, or destroy the card");
}

} // namespace

FileTable::FileTable(card::Card& card) : card_(card) {
    const auto stored = card.read_object(table_object, card::ReadAccess::always);
    if (!stored) {
        return;
    }
    const auto rows = parse_all(*stored);
    if (!rows || rows->empty() || rows->front().tag != tag_life_cycle) {
        damaged();
    }
    terminated_ = equal(rows->front().value, Bytes{terminated_state});
    for (std::size_t i = 1; i < rows->size(); ++i) {
        TlvWriter row;
        row.add((*rows)[i].tag, (*rows)[i].value);
        auto file = parse_file_control(row.take());
        if (std::holds_alternative<apdu::StatusWord>(file)) {
            damaged();
        }
        files_.push_back(std::get<FileControl>(std::move(file)));
    }
}

const FileControl* FileTable::find(FileId id) const {
    const auto found = std::find_if(files_.begin(), files_.end(),
                                    [id](const FileControl& file) { return file.id == id; });
    return found == files_.end() ? nullptr : &*found;
}

bool FileTable::add(const FileControl& file) {
    auto files = files_;
    files.push_back(file);
    if (files.size() > most_files || encode_table(files, terminated_).size() > most_bytes) {
        return false;
    }
    remove_contents(file); // of a former file that was not removed whole
    store(std::move(files), terminated_);
    return true;
}

void FileTable::activate(FileId id) {
    auto files = files_;
    for (FileControl& file : files) {
        if (file.id == id) {
            file.activated = true;
        }
    }
    store(std::move(files), terminated_);
}

void FileTable::remove(FileId id) {
    const FileControl* const found = find(id);
    if (found == nullptr) {
        return;
    }
    const FileControl gone = *found;
    auto files = files_;
    std::erase_if(files, [id](const FileControl& file) { return file.id == id; });
    store(std::move(files), terminated_);
    remove_contents(gone);
}

void FileTable::terminate() {
    store(files_, true);
}

void FileTable::store(std::vector<FileControl> files, bool terminated) {
    card_.write_object(table_object, card::ReadAccess::always, encode_table(files, terminated));
    files_ = std::move(files);
    terminated_ = terminated;
}

void FileTable::remove_contents(const FileControl& file) {
    if (file.is_key()) {
        card_.delete_key(file.key_reference());
        return;
    }
    for (const std::uint32_t tag : tags_in(card_, file.id)) {
        for (const auto access : {card::ReadAccess::always, card::ReadAccess::pin}) {
            card_.write_object(object_of(file.id, tag), access, {});
        }
    }
}

Bytes encode_table(const std::vector<FileControl>& files, bool terminated) {
    TlvWriter writer;
    writer.add(tag_life_cycle, Bytes{terminated ? terminated_state : operational});
    for (const FileControl& file : files) {
        writer.raw(file_control_parameters(file));
    }
    return writer.take();
}

card::ObjectTag object_of(FileId file, std::uint32_t tag) {
    return card::ObjectTag{file} << tag_bits | tag;
}

std::vector<std::uint32_t> tags_in(card::Card& card, FileId file) {
    std::vector<std::uint32_t> tags;
    for (const card::ObjectTag object : card.object_tags()) {
        if (object >> tag_bits == file) {
            tags.push_back(static_cast<std::uint32_t>(object & tag_mask));
        }
    }
    return tags;
}

card::ReadAccess read_access(const FileControl& file) {
    const Condition condition = file.condition(Operation::get_data);
    const bool user_only = condition != never && (condition & user_or_administrator) == user;
    return user_only ? card::ReadAccess::pin : card::ReadAccess::always;
}

} // namespace tpmvsc::gids
