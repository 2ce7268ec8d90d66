// SPDX-License-Identifier: Apache-2.0
#include "card/file_system.hpp"

#include "card/errors.hpp"
#include "card/path_parts.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <memory>
#include <string_view>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tpmvsc::card::file_system {

namespace {

struct Advice {
    StorageError::Reason reason;
    const char* text;
};

Advice advice_for(int error) {
    using Reason = StorageError::Reason;
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return {Reason::full, "Free some space on this file system and try again."};
    case EMFILE:
    case ENFILE:
    case ENOMEM:
        return {Reason::full, "The machine is out of this for the moment: try again later."};
    case EACCES:
    case EPERM:
        return {Reason::unwritable, "Run as root, or give the user of pcscd this folder."};
    case EROFS:
        return {Reason::unwritable, "Make the file system writable; for pcscd, let its service "
                                    "write here (ReadWritePaths or StateDirectory)."};
    default:
        return {Reason::damaged,
                "Check the disk; bring the card's folder back from a backup, or destroy the card."};
    }
}

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    if (slash == std::string::npos)
        return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// The first part of the path, from the front, that belongs to somebody else than root.
std::optional<PathPart> first_not_of_root(const std::string& path) {
    for (PathPart& part : path_parts(path))
        if (!part.is_roots)
            return std::move(part);
    return std::nullopt;
}

/// The sandbox of pcscd, from 2.3.2 on, takes this right from it, and kills who tries.
bool may_change_users() {
    return ::prctl(PR_CAPBSET_READ, CAP_SETUID, 0, 0, 0) == 1;
}

std::vector<gid_t> supplementary_groups() {
    std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
    if (!groups.empty() && ::getgroups(static_cast<int>(groups.size()), groups.data()) < 0)
        groups.clear();
    return groups;
}

/// Of this thread only: the C library's setgroups is for all of them.
bool set_supplementary_groups(const std::vector<gid_t>& groups) {
#ifdef SYS_setgroups32
    constexpr long number = SYS_setgroups32;
#else
    constexpr long number = SYS_setgroups;
#endif
    return ::syscall(number, groups.size(), groups.data()) == 0;
}

[[noreturn]] void throw_not_as_owner(const std::string& path) {
    throw StorageError(StorageError::Reason::unwritable,
                       path +
                           " cannot be written: it lies in a folder of another user than root, "
                           "as whom this process may not act. Where pcscd runs as root, give that "
                           "folder to root.");
}

} // namespace

void throw_storage_error(int error, const std::string& path, const char* done) {
    const Advice advice = advice_for(error);
    throw StorageError(advice.reason, path + " cannot be " + done + ": " + std::strerror(error) +
                                          ". " + advice.text);
}

Descriptor::~Descriptor() {
    if (fd_ >= 0)
        ::close(fd_);
}

bool Descriptor::close() {
    const int fd = fd_;
    fd_ = -1;
    // On Linux the descriptor is gone even after EINTR: closing again could close another's.
    return ::close(fd) == 0 || errno == EINTR;
}

Directory::Directory(const std::string& path)
    : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (!fd_.valid())
        throw_storage_error(errno, path, "opened");
}

std::vector<std::string> Directory::entries() const {
    // A descriptor of its own: closedir closes it, and the reading position is not shared.
    const int own = ::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (own < 0)
        throw_storage_error(errno, path_, "listed");
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(own), ::closedir);
    if (!stream) {
        const int error = errno;
        ::close(own);
        throw_storage_error(error, path_, "listed");
    }
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..")
            names.emplace_back(name);
        errno = 0;
    }
    if (errno != 0)
        throw_storage_error(errno, path_, "listed");
    std::sort(names.begin(), names.end());
    return names;
}

void Directory::sync() const {
    // EINVAL comes from file systems that have no such thing as syncing a directory.
    if (::fsync(fd_.get()) != 0 && errno != EINVAL)
        throw_storage_error(errno, path_, "written");
}

void make_directories(const std::string& path) {
    const ActAsOwner owner(path);
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode))
        return;
    const std::string parent = parent_of(path);
    if (parent != path)
        make_directories(parent);
    // EEXIST is another program that came first, or a file in the way, which opening will tell.
    const bool made = ::mkdir(path.c_str(), 0700) == 0;
    if (!made && errno != EEXIST)
        throw_storage_error(errno, path, "created");
    Directory(path).sync();
    Directory(parent).sync();
}

ActAsOwner::ActAsOwner(const std::string& path) {
    if (::geteuid() != 0)
        return;
    const std::optional<PathPart> owned = first_not_of_root(path);
    if (!owned)
        return;
    if (!may_change_users())
        throw_not_as_owner(path);
    std::vector<gid_t> groups = supplementary_groups();
    // In a user namespace there may be some that nobody can give back: those are not put away.
    const bool groups_left =
        groups.empty() || (set_supplementary_groups(groups) && set_supplementary_groups({}));
    const int gid = ::setfsgid(owned->group);
    const int uid = ::setfsuid(owned->user);
    before_ = User{static_cast<unsigned>(uid), static_cast<unsigned>(gid), std::move(groups)};
    // These two never fail loudly; asked for an impossible user they tell the present one.
    const bool acting = ::setfsuid(static_cast<uid_t>(-1)) == static_cast<int>(owned->user) &&
                        ::setfsgid(static_cast<gid_t>(-1)) == static_cast<int>(owned->group);
    if (groups_left && acting)
        return;
    restore();
    throw_not_as_owner(path);
}

ActAsOwner::~ActAsOwner() {
    restore();
}

void ActAsOwner::restore() const {
    if (!before_)
        return;
    ::setfsuid(before_->uid);
    ::setfsgid(before_->gid);
    if (!before_->groups.empty())
        set_supplementary_groups(before_->groups);
}

bool is_directory(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

} // namespace tpmvsc::card::file_system
