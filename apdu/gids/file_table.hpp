// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/gids/file_control.hpp"
#include "card/card.hpp"

#include <vector>

namespace tpmvsc::gids {

/// FileTable is the list of the application's files, kept in one object of the card: the life cycle
/// of the application (8A), then each file's parameters (62). Every change is stored before it is
/// seen. What a deleted file held is removed afterwards, and once more before a file of that
/// identifier is made again.
class FileTable {
  public:
    /// Most files that there may be, keys among them, and the most bytes of their parameters.
    static constexpr std::size_t most_files = 256;
    static constexpr std::size_t most_bytes = 65536;

    /// Reads the table of `card`, which must outlive it.
    explicit FileTable(card::Card& card);

    bool terminated() const { return terminated_; }
    /// Null when there is no such file.
    const FileControl* find(FileId id) const;
    /// False when there is no room for another one. The file must not exist yet.
    bool add(const FileControl& file);
    void activate(FileId id);
    /// Removes the file with all that it holds.
    void remove(FileId id);
    /// Ends the application's life.
    void terminate();

  private:
    void store(std::vector<FileControl> files, bool terminated);
    void remove_contents(const FileControl& file);

    card::Card& card_;
    std::vector<FileControl> files_;
    bool terminated_ = false;
};

/// table_object is where the table is stored; encode_table gives its contents.
inline constexpr card::ObjectTag table_object = 0;
Bytes encode_table(const std::vector<FileControl>& files, bool terminated);

/// object_of names the data object `tag` of a file among all objects of the card.
card::ObjectTag object_of(FileId file, std::uint32_t tag);
/// Most data objects that a card may hold in all its files.
inline constexpr std::size_t most_objects = 512;
/// tags_in lists the data objects of a file, ascending.
std::vector<std::uint32_t> tags_in(card::Card& card, FileId file);
/// read_access tells how objects of a file are kept: under the PIN's key in the TPM when only who
/// has given the PIN may read them.
card::ReadAccess read_access(const FileControl& file);

} // namespace tpmvsc::gids
