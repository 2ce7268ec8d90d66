// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace tpmvsc::test {

/// in_child runs `work` in a forked process and gives what it answers; an exception's text comes as
/// "exception: ...". No assertion may be used in it.
std::string in_child(const std::function<std::string()>& work);

/// The same as a user whom file permissions bind: root becomes nobody first.
std::string in_child_without_root(const std::function<std::string()>& work);

/// The same in a mount namespace of its own, where a tmpfs of `bytes` is mounted on `directory`.
/// Answers `no_mount` followed by the reason where this machine does not allow that.
std::string in_child_with_tmpfs(const std::string& directory, std::size_t bytes,
                                const std::function<std::string()>& work);
inline constexpr const char* no_mount = "no mount: ";

} // namespace tpmvsc::test
