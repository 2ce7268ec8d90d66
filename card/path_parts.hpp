// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace tpmvsc::card {

/// PathPart is a folder, file or link on the way that a path leads, and whom it belongs to.
struct PathPart {
    std::string path;
    uid_t user = 0;
    gid_t group = 0;
    /// Nobody else owns it. In a user namespace the machine's root, whose "/" is, has another
    /// number.
    bool is_roots = false;
    /// Others than the owner may move away what lies in it, and put something else in that place.
    bool others_may_write = false;
};

/// path_parts gives all that `path` leads through below "/", in this order: whoever owns one of
/// them decides where the rest leads. Of a link that is the link, and then what it leads through.
/// Ends before the first part that is not there, or may not be seen.
std::vector<PathPart> path_parts(const std::string& path);

} // namespace tpmvsc::card
