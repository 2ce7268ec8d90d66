// SPDX-License-Identifier: Apache-2.0
#include "card/folder.hpp"

#include "base/crypto.hpp"
#include "card/errors.hpp"
#include "card/file_system.hpp"

#include <cerrno>
#include <fcntl.h>
#include <stdexcept>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace tpmvsc::card {

using file_system::ActAsOwner;
using file_system::Descriptor;
using file_system::Directory;
using file_system::throw_storage_error;

namespace {

constexpr std::string_view temporary_prefix = ".tmp-";

void check_name(const std::string& name) {
    if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos ||
        name.find('\0') != std::string::npos)
        throw std::invalid_argument("\"" + name + "\" cannot be the name of a card's file");
}

bool is_temporary(const std::string& name) {
    return name.compare(0, temporary_prefix.size(), temporary_prefix) == 0;
}

/// TemporaryFile is a new file in a directory, which goes again unless it has been renamed.
class TemporaryFile {
  public:
    TemporaryFile(const Directory& directory, const std::string& target)
        : directory_(directory), target_(target),
          name_(std::string(temporary_prefix) + to_hex(crypto::random_bytes(8))),
          fd_(::openat(directory.fd(), name_.c_str(),
                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) {
        if (!fd_.valid())
            throw_storage_error(errno, target_, "written");
    }
    ~TemporaryFile() {
        if (!renamed_)
            ::unlinkat(directory_.fd(), name_.c_str(), 0);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    void write(ByteView contents) {
        while (!contents.empty()) {
            const ssize_t written = ::write(fd_.get(), contents.data(), contents.size());
            if (written < 0 && errno == EINTR)
                continue;
            if (written < 0)
                throw_storage_error(errno, target_, "written");
            contents = contents.subspan(static_cast<std::size_t>(written));
        }
        if (::fsync(fd_.get()) != 0 || !fd_.close())
            throw_storage_error(errno, target_, "written");
    }

    void rename_to(const std::string& name) {
        if (::renameat(directory_.fd(), name_.c_str(), directory_.fd(), name.c_str()) != 0)
            throw_storage_error(errno, target_, "replaced");
        renamed_ = true;
    }

  private:
    const Directory& directory_;
    const std::string& target_;
    std::string name_;
    Descriptor fd_;
    bool renamed_ = false;
};

[[noreturn]] void throw_not_a_card_file(const std::string& path, const char* why) {
    throw StorageError(StorageError::Reason::damaged,
                       path + " is no file of a card: it is " + why +
                           ". Remove it, and bring the right one back from a backup.");
}

Bytes read_all(int fd, const std::string& path) {
    struct stat status {};
    if (::fstat(fd, &status) != 0)
        throw_storage_error(errno, path, "read");
    if (!S_ISREG(status.st_mode))
        throw_not_a_card_file(path, "not a regular file");
    if (static_cast<std::uint64_t>(status.st_size) > Folder::max_file_bytes)
        throw_not_a_card_file(path, "longer than 1 MiB");
    // Files are replaced whole and never grow, so the size holds; less than it is a damaged file,
    // which its reader notices.
    Bytes contents(static_cast<std::size_t>(status.st_size));
    std::size_t size = 0;
    while (size < contents.size()) {
        const ssize_t got = ::read(fd, contents.data() + size, contents.size() - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throw_storage_error(errno, path, "read");
        if (got == 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    contents.resize(size);
    return contents;
}

} // namespace

void Folder::create() const {
    file_system::make_directories(path_);
}

bool Folder::exists() const {
    return file_system::is_directory(path_);
}

std::optional<Bytes> Folder::read(const std::string& name) const {
    check_name(name);
    const std::string path = path_ + "/" + name;
    // Not blocking: a FIFO that somebody put there must not hold up pcscd.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file.valid() && (errno == ENOENT || errno == ENOTDIR))
        return std::nullopt;
    if (!file.valid() && errno == ELOOP)
        throw_not_a_card_file(path, "a symbolic link");
    if (!file.valid())
        throw_storage_error(errno, path, "read");
    return read_all(file.get(), path);
}

void Folder::write(const std::string& name, ByteView contents) const {
    check_name(name);
    const std::string path = path_ + "/" + name;
    if (contents.size() > max_file_bytes)
        throw std::invalid_argument(path + " would be longer than can be read back");
    const ActAsOwner owner(path_);
    const Directory directory(path_);
    TemporaryFile file(directory, path);
    file.write(contents);
    file.rename_to(name);
    directory.sync();
}

void Folder::remove(const std::string& name) const {
    check_name(name);
    const ActAsOwner owner(path_);
    const Directory directory(path_);
    if (::unlinkat(directory.fd(), name.c_str(), 0) == 0)
        directory.sync();
    else if (errno != ENOENT)
        throw_storage_error(errno, path_ + "/" + name, "removed");
}

std::vector<std::string> Folder::names() const {
    const Directory directory(path_);
    std::vector<std::string> files;
    for (std::string& name : directory.entries()) {
        struct stat status {};
        if (name.front() == '.')
            continue;
        if (::fstatat(directory.fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISREG(status.st_mode))
            files.push_back(std::move(name));
    }
    return files;
}

void Folder::sweep() const {
    const Directory directory(path_);
    std::vector<std::string> left_over = directory.entries();
    std::erase_if(left_over, [](const std::string& name) { return !is_temporary(name); });
    if (left_over.empty())
        return; // a process that cannot write here has no reason to complain
    const ActAsOwner owner(path_);
    for (const std::string& name : left_over) {
        if (::unlinkat(directory.fd(), name.c_str(), 0) != 0 && errno != ENOENT)
            throw_storage_error(errno, path_ + "/" + name, "removed");
    }
}

} // namespace tpmvsc::card
