// SPDX-License-Identifier: Apache-2.0
#include "card/path_parts.hpp"

#include <deque>
#include <filesystem>
#include <sys/stat.h>
#include <sys/xattr.h>

namespace tpmvsc::card {
namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40; // as the kernel has it, path_resolution(7)

/// A list of users and groups beside the mode, whose group bits then are the most that one of them
/// may: acl(5).
bool has_access_list(const std::string& path) {
    return ::lgetxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) > 0;
}

/// `top` is the state of "/". In a folder with the sticky bit everybody moves his own only.
PathPart part_of(const std::string& path, const struct stat& status, const struct stat& top) {
    const bool roots_group =
        (status.st_gid == 0 || status.st_gid == top.st_gid) && !has_access_list(path);
    const bool writable =
        (status.st_mode & S_IWOTH) != 0 || ((status.st_mode & S_IWGRP) != 0 && !roots_group);
    return {.path = path,
            .user = status.st_uid,
            .group = status.st_gid,
            .is_roots = status.st_uid == 0 || status.st_uid == top.st_uid,
            .others_may_write =
                writable && (status.st_mode & S_ISVTX) == 0 && S_ISDIR(status.st_mode)};
}

} // namespace

std::vector<PathPart> path_parts(const std::string& path) {
    struct stat top {};
    if (::lstat("/", &top) != 0)
        return {};
    std::vector<PathPart> parts;
    const fs::path whole = fs::absolute(path);
    std::deque<fs::path> ahead(whole.begin(), whole.end());
    fs::path here;
    for (int links = 0; !ahead.empty();) {
        const fs::path name = ahead.front();
        ahead.pop_front();
        if (name.is_absolute() || name == "..") {
            here = name == ".." ? here.parent_path() : name;
            continue;
        }
        if (name.empty() || name == ".")
            continue;
        const fs::path part = here / name;
        struct stat status {};
        if (::lstat(part.c_str(), &status) != 0)
            break;
        parts.push_back(part_of(part.string(), status, top));
        if (!S_ISLNK(status.st_mode)) {
            here = part;
            continue;
        }
        std::error_code error;
        const fs::path target = fs::read_symlink(part, error);
        if (error || ++links > most_links)
            break;
        ahead.insert(ahead.begin(), target.begin(), target.end());
    }
    return parts;
}

} // namespace tpmvsc::card
