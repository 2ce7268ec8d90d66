// SPDX-License-Identifier: Apache-2.0
#include "cli/new_file.hpp"

#include "cli/failure.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

/// Gives 0, or what went wrong.
int write_all(int fd, ByteView content) {
    while (!content.empty()) {
        const ssize_t count = ::write(fd, content.data(), content.size());
        if (count < 0 && errno != EINTR) {
            return errno;
        }
        content = content.subspan(count < 0 ? 0 : static_cast<std::size_t>(count));
    }
    return ::fsync(fd) == 0 ? 0 : errno;
}

} // namespace

void write_new_file(const std::string& path, ByteView content, mode_t mode) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) {
        throw Failure(ExitCode::failed, errno == EEXIST
                                            ? path + " is there already, and is not overwritten"
                                            : "cannot make " + path + ": " + std::strerror(errno));
    }
    int fault = write_all(fd, content);
    if (::close(fd) != 0 && fault == 0) {
        fault = errno;
    }
    if (fault != 0) {
        ::unlink(path.c_str());
        throw Failure(ExitCode::failed, "cannot write " + path + ": " + std::strerror(fault));
    }
}

} // namespace tpmvsc::cli
