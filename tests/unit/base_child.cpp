// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base_child.hpp"

#include <cerrno>
#include <cstring>
#include <exception>
#include <fstream>
#include <sched.h>
#include <stdexcept>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace tpmvsc::test {

namespace {

[[noreturn]] void run_child(int answer_fd, const std::function<std::string()>& work) {
    std::string answer;
    try {
        answer = work();
    } catch (const std::exception& error) {
        answer = std::string("exception: ") + error.what();
    }
    const ssize_t written = ::write(answer_fd, answer.data(), answer.size());
    // No exit(): the parent's test runner must not finish a second time here.
    ::_exit(written == static_cast<ssize_t>(answer.size()) ? 0 : 1);
}

/// Makes the caller root of a user namespace of its own, which may mount; false when that is
/// denied.
bool become_root_of_a_namespace() {
    const std::string user = "0 " + std::to_string(::geteuid()) + " 1";
    const std::string group = "0 " + std::to_string(::getegid()) + " 1";
    if (::unshare(CLONE_NEWUSER) != 0)
        return false;
    for (const auto& [name, map] :
         {std::pair("setgroups", std::string("deny")), {"uid_map", user}, {"gid_map", group}}) {
        std::ofstream file(std::string("/proc/self/") + name);
        file << map;
        if (!file.flush())
            return false;
    }
    return true;
}

/// Nothing when done, else the reason.
std::string mount_tmpfs(const std::string& directory, std::size_t bytes) {
    if (::geteuid() != 0 && !become_root_of_a_namespace())
        return std::string("user namespace: ") + std::strerror(errno);
    if (::unshare(CLONE_NEWNS) != 0)
        return std::string("unshare: ") + std::strerror(errno);
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        return std::string("private: ") + std::strerror(errno);
    const std::string options = "mode=0777,size=" + std::to_string(bytes);
    if (::mount("none", directory.c_str(), "tmpfs", 0, options.c_str()) != 0)
        return std::string("tmpfs: ") + std::strerror(errno);
    return "";
}

} // namespace

std::string in_child(const std::function<std::string()>& work) {
    int ends[2];
    if (::pipe(ends) != 0)
        throw std::runtime_error("pipe");
    const pid_t child = ::fork();
    if (child < 0)
        throw std::runtime_error("fork");
    if (child == 0)
        run_child(ends[1], work);
    ::close(ends[1]);
    std::string answer;
    char part[4096];
    for (ssize_t got = 0; (got = ::read(ends[0], part, sizeof part)) > 0;)
        answer.append(part, static_cast<std::size_t>(got));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0)
        throw std::runtime_error("the child ended with " + std::to_string(status));
    return answer;
}

std::string in_child_without_root(const std::function<std::string()>& work) {
    constexpr unsigned nobody = 65534;
    return in_child([&] {
        if (::geteuid() == 0 && (::setgid(nobody) != 0 || ::setuid(nobody) != 0))
            return std::string("cannot stop being root: ") + std::strerror(errno);
        return work();
    });
}

std::string in_child_with_tmpfs(const std::string& directory, std::size_t bytes,
                                const std::function<std::string()>& work) {
    return in_child([&] {
        const std::string reason = mount_tmpfs(directory, bytes);
        return reason.empty() ? work() : no_mount + reason;
    });
}

} // namespace tpmvsc::test
