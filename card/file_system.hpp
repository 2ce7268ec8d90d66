// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

/// What Folder and Store share of POSIX: descriptors that close, directories that are listed and
/// synced, and errno put into words. Not for other files.
namespace tpmvsc::card::file_system {

/// throw_storage_error throws the StorageError for `error` (an errno): "<path> cannot be <done>:
/// <reason>. <what to do>".
[[noreturn]] void throw_storage_error(int error, const std::string& path, const char* done);

/// Descriptor closes its file descriptor when it goes.
class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }
    bool valid() const { return fd_ >= 0; }
    /// Closes now; false (and errno) when the file system reports a late write error.
    bool close();

  private:
    int fd_;
};

/// Directory is an open directory. StorageError(damaged) when it is not there.
class Directory {
  public:
    explicit Directory(const std::string& path);
    int fd() const { return fd_.get(); }
    /// Names of all entries but "." and "..", sorted.
    std::vector<std::string> entries() const;
    /// Makes what was created, renamed and removed in it survive a power cut.
    void sync() const;

  private:
    std::string path_;
    Descriptor fd_;
};

/// make_directories creates `path` and what is missing above it, each durably and with mode 0700.
void make_directories(const std::string& path);

/// ActAsOwner has this thread of root do to the file system only what the owner of `path` may, as
/// long as it lives, and what root makes is that owner's. pcscd may run as a user of its own, to
/// whom the cards' folder then belongs: it has to read what the tool writes, and must not lead
/// root's hand elsewhere by a symbolic link. The owner is whom the first part of the path belongs
/// to that is not root's, for nobody else can exchange that part, unless a folder of root's is one
/// in which others may write (PathPart::others_may_write; the doctor warns of it). For others than
/// root it does nothing. Throws StorageError, also where this process may not change users.
class ActAsOwner {
  public:
    explicit ActAsOwner(const std::string& path);
    ~ActAsOwner();
    ActAsOwner(const ActAsOwner&) = delete;
    ActAsOwner& operator=(const ActAsOwner&) = delete;

  private:
    struct User {
        unsigned uid;
        unsigned gid;
        std::vector<unsigned> groups; ///< beside gid
    };
    void restore() const;

    std::optional<User> before_;
};

/// is_directory asks about `path` itself, not about what a symbolic link points to.
bool is_directory(const std::string& path);

} // namespace tpmvsc::card::file_system
