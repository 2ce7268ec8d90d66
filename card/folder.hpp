// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tpmvsc::card {

/// Folder keeps small files that are replaced whole: temporary file in the same folder, fsync,
/// rename, fsync of the folder. After a crash each file is the old one or the new one. Names are
/// those of visible files ("identity"): std::invalid_argument for an empty one, one that begins
/// with a dot, or one with a slash. Errors: StorageError, its text naming the file, the reason and
/// what to do.
class Folder {
  public:
    /// The longest file that is read, and so the longest that may be written.
    static constexpr std::size_t max_file_bytes = 1024 * 1024;

    explicit Folder(std::string path) : path_(std::move(path)) {}
    const std::string& path() const { return path_; }
    /// Creates the folder itself with mode 0700 (and its parents).
    void create() const;
    bool exists() const;
    /// Contents of `name`; nothing when there is no such file. A longer file than may be written, a
    /// link or a device is StorageError(damaged).
    std::optional<Bytes> read(const std::string& name) const;
    /// Replaces `name` with mode 0600. std::invalid_argument above max_file_bytes.
    void write(const std::string& name, ByteView contents) const;
    /// Removes `name` if it is there, durably.
    void remove(const std::string& name) const;
    /// Names of regular files, sorted, without temporary ones.
    std::vector<std::string> names() const;
    /// Removes temporary files that a crash left behind. Only for the one who may write here.
    void sweep() const;

  private:
    std::string path_;
};

} // namespace tpmvsc::card
