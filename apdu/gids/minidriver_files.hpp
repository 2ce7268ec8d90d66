// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/gids/algorithms.hpp"
#include "apdu/gids/file_control.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// The files in which a Windows minidriver and OpenSC keep what is on a GIDS card. To the card they
/// are data objects like any other; it writes the first ones of a card that is made ready for use,
/// and tools go on from there.
namespace tpmvsc::gids {

// --- Where they are

inline constexpr FileId directory_file = 0xA000;
inline constexpr FileId everyone_reads_user_writes = 0xA010;
inline constexpr FileId user_executes = 0xA011;
inline constexpr FileId everyone_reads_admin_writes = 0xA012;
inline constexpr FileId user_reads_and_writes = 0xA013;
inline constexpr FileId admin_reads_and_writes = 0xA014;

inline constexpr std::uint32_t tag_master_file = 0xDF1F; ///< in the directory file
inline constexpr std::uint32_t tag_key_map = 0xDF20;     ///< likewise
inline constexpr std::uint32_t tag_card_id = 0xDF20;     ///< of the files that administrators write
inline constexpr std::uint32_t tag_card_applications = 0xDF21;
inline constexpr std::uint32_t tag_card_cache = 0xDF22;
inline constexpr std::uint32_t tag_container_map = 0xDF23;
/// Where further files are: OpenSC writes no tags beyond.
inline constexpr std::uint32_t first_file_tag = 0xDF24;
inline constexpr std::uint32_t last_file_tag = 0xDF7F;

/// The directory of the minidriver's own files.
inline constexpr const char* minidriver_directory = "mscp";

// --- The master file: which file is where

/// DirectoryEntry is one line of the master file; a directory has an empty name.
struct DirectoryEntry {
    std::string directory;
    std::string name;
    std::uint32_t tag = 0;
    FileId file = 0;

    friend bool operator==(const DirectoryEntry&, const DirectoryEntry&) = default;
};

Bytes encode_master_file(const std::vector<DirectoryEntry>& entries);
/// Nothing when `file` is no master file.
std::optional<std::vector<DirectoryEntry>> decode_master_file(ByteView file);

// --- The container map: what each key is called, and what it is for

/// Container is a key as Windows names it. Key reference 81 is that of container 0.
struct Container {
    std::string name; ///< UTF-8
    bool is_default = false;
    std::uint16_t signature_bits = 0; ///< of a key that only signs
    std::uint16_t exchange_bits = 0;  ///< of one that decrypts as well
};

inline constexpr std::size_t most_containers = last_key_file - first_key_file + 1;
inline constexpr std::size_t longest_container_name = 39; ///< UTF-16 units, without the terminator

/// ContainerMap edits the container map ("cmapfile"). What it does not know of a record stays as it
/// was.
class ContainerMap {
  public:
    explicit ContainerMap(Bytes file) : file_(std::move(file)) {}

    std::size_t size() const;
    /// Nothing where there is no container, or no longer one.
    std::optional<Container> at(std::size_t index) const;
    /// put makes or changes a container; the map grows as far as it takes. A default container is
    /// the only one afterwards.
    void put(std::size_t index, const Container& container);
    /// clear leaves the place empty. Where it was the default container, the first one that is left
    /// takes over.
    void clear(std::size_t index);
    const Bytes& file() const { return file_; }

  private:
    void make_default(std::size_t index);
    Bytes file_;
};

/// container_name_units gives the length of a name in UTF-16 units; nothing when it is no UTF-8.
std::optional<std::size_t> container_name_units(const std::string& name);

// --- The key map: which key file belongs to a container

/// KeyMap edits the key map. It has to have as many records as the container map.
class KeyMap {
  public:
    explicit KeyMap(Bytes file) : file_(std::move(file)) {}

    std::size_t size() const;
    /// fit adds empty records, or drops some at the end.
    void fit(std::size_t records);
    void put(std::size_t index, card::KeyAlgorithm algorithm, bool exchange);
    void clear(std::size_t index);
    const Bytes& file() const { return file_; }

  private:
    void write(std::size_t index, ByteView record);
    Bytes file_;
};

// --- The cache file, by whose counters hosts know what they have to read again

/// freshened counts on the containers, the other files or both.
Bytes freshened(ByteView cache, bool containers, bool files);

} // namespace tpmvsc::gids
