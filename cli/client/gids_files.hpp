// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/gids/minidriver_files.hpp"
#include "cli/client/transport.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tpmvsc::cli::client {

/// GidsFiles is the file system that Windows and OpenSC share on a GIDS card: master file,
/// container map, key map, and the minidriver's other files. It reads what it needs when it needs
/// it, and knows afterwards what it has written.
///
/// The order of its writes is such that a card whose host goes away between two of them is still
/// one that others read: a file is there before it is listed, and no longer listed before it goes;
/// hosts are told to read again (the cache file) before anything changes.
class GidsFiles {
  public:
    explicit GidsFiles(const pcsc::Session& session) : session_(session) {}

    const gids::ContainerMap& containers() const;
    /// write_containers makes the change to both maps, which then have the same size: a container
    /// that was left half made by somebody else does not keep OpenSC from making keys. The key map
    /// is written first where `first_key_map` says so: a host that finds a container looks for its
    /// key there.
    enum class Order { key_map_first, container_map_first };
    void write_containers(gids::ContainerMap containers, gids::KeyMap keys, Order order);
    /// key_map reads it; what it lacks is filled in.
    gids::KeyMap key_map() const;
    /// mend_key_map writes it where it does not fit the container map.
    void mend_key_map();

    /// The minidriver's files by name, such as "kxc00"; nothing where there is no such file.
    std::optional<Bytes> read(const std::string& name) const;
    bool has(const std::string& name) const;
    void write(const std::string& name, ByteView contents);
    void remove(const std::string& name);

  private:
    using Directory = std::vector<gids::DirectoryEntry>;
    const Directory& directory() const;
    Directory::const_iterator find(const std::string& name) const;
    void write_directory(Directory entries);
    std::uint32_t free_tag() const;
    std::optional<Bytes> get(gids::FileId file, std::uint32_t tag) const;
    void put(gids::FileId file, std::uint32_t tag, ByteView contents) const;
    void count_on(bool containers, bool files) const;

    const pcsc::Session& session_;
    mutable std::optional<Directory> directory_;
    mutable std::optional<gids::ContainerMap> containers_;
};

} // namespace tpmvsc::cli::client
