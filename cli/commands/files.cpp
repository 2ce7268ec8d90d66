// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/files.hpp"

#include "cli/failure.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <unistd.h>
#include <utility>

namespace tpmvsc::cli {
namespace {

constexpr std::size_t largest_input = 1024 * 1024;

Failure file_failure(const std::string& verb, const std::string& path) {
    const std::string reason = std::strerror(errno);
    return {ExitCode::failed, "cannot " + verb + " " + path + ": " + reason};
}

/// Closes a file in all cases, and leaves standard input alone.
class Input {
  public:
    explicit Input(const std::string& path)
        : fd_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~Input() {
        if (fd_ > STDIN_FILENO) {
            ::close(fd_);
        }
    }
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;
    int fd() const { return fd_; }

  private:
    int fd_;
};

void write_all(int fd, ByteView bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            throw file_failure("write", path);
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

} // namespace

std::string input_name(const std::string& path) {
    return path == "-" ? "standard input" : printable(path);
}

Bytes read_input(const std::string& path) {
    const Input input(path);
    if (input.fd() < 0) {
        throw file_failure("read", input_name(path));
    }
    Bytes contents(largest_input + 1);
    std::size_t size = 0;
    ssize_t count = 0;
    do {
        count = ::read(input.fd(), contents.data() + size, contents.size() - size);
        if (count < 0 && errno != EINTR) {
            throw file_failure("read", input_name(path));
        }
        size += count > 0 ? static_cast<std::size_t>(count) : 0;
    } while (count != 0 && size <= largest_input);
    if (size > largest_input) {
        throw Failure(ExitCode::failed, input_name(path) + " is larger than 1 MiB");
    }
    contents.resize(size);
    return contents;
}

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
    if (!wanted() || is_standard_output()) {
        return;
    }
    made_here_ = ::access(path_.c_str(), F_OK) != 0;
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd_ < 0) {
        throw file_failure("write", printable(path_));
    }
}

OutputFile::~OutputFile() {
    if (fd_ < 0) {
        return;
    }
    ::close(fd_);
    if (made_here_ && !written_) {
        ::unlink(path_.c_str());
    }
}

void OutputFile::write(ByteView contents) {
    if (is_standard_output()) {
        std::cout.flush();
        write_all(STDOUT_FILENO, contents, "to standard output");
        return;
    }
    // /dev/stdout and the like cannot be cut; what they had is not ours anyway.
    if (::ftruncate(fd_, 0) != 0 && errno != EINVAL) {
        throw file_failure("write", printable(path_));
    }
    write_all(fd_, contents, printable(path_));
    written_ = true;
}

} // namespace tpmvsc::cli
