// SPDX-License-Identifier: Apache-2.0
#include "card/path_parts.hpp"

#include <deque>
#include <filesystem>
#include <sys/stat.h>

namespace tpmvsc::card {
namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40; // as the kernel has it, path_resolution(7)

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
        const bool is_roots = status.st_uid == 0 || status.st_uid == top.st_uid;
        parts.push_back({part.string(), status.st_uid, status.st_gid, is_roots});
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
