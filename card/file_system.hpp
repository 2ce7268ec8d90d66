// SPDX-License-Identifier: Apache-2.0
#pragma once

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

/// give_to_owner_of makes what root creates the property of who owns the directory it is in: pcscd
/// may run as a user of its own, and has to read what the tool writes.
bool give_to_owner_of(int directory, int fd);

/// is_directory asks about `path` itself, not about what a symbolic link points to.
bool is_directory(const std::string& path);

} // namespace tpmvsc::card::file_system
