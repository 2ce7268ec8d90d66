// SPDX-License-Identifier: Apache-2.0
#include "cli/piped_command.hpp"

#include "cli/failure.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ; // NOLINT(readability-redundant-declaration): not every C library has it

namespace tpmvsc::cli {
namespace {

/// The child reads from ends[0]; we write to ends[1]. Both are closed at an exec.
class Pipe {
  public:
    Pipe() {
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0) {
            throw Failure(ExitCode::failed, std::string("no pipe: ") + std::strerror(errno));
        }
    }
    ~Pipe() {
        close_end(0);
        close_end(1);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    int end(std::size_t index) const { return ends_[index]; }
    void close_end(std::size_t index) {
        if (ends_[index] >= 0) {
            ::close(ends_[index]);
        }
        ends_[index] = -1;
    }

  private:
    std::array<int, 2> ends_{-1, -1};
};

/// While this lives, writing to who reads no more is an error and no end of this program.
class NoBrokenPipe {
  public:
    NoBrokenPipe() {
        struct sigaction ignore {};
        ignore.sa_handler = SIG_IGN;
        ::sigaction(SIGPIPE, &ignore, &saved_);
    }
    ~NoBrokenPipe() { ::sigaction(SIGPIPE, &saved_, nullptr); }
    NoBrokenPipe(const NoBrokenPipe&) = delete;
    NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

  private:
    struct sigaction saved_ {};
};

/// Gives the process, or throws. The child has SIGPIPE as it was born.
pid_t start(const std::string& what, const std::string& command, const Pipe& pipe) {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, pipe.end(0), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    std::string text = command;
    std::string shell = "sh";
    std::string option = "-c";
    const std::array<char*, 4> words{shell.data(), option.data(), text.data(), nullptr};
    pid_t process = 0;
    const int fault =
        ::posix_spawn(&process, "/bin/sh", &files, &attributes, words.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (fault != 0) {
        throw Failure(ExitCode::failed, what + " cannot be run: " + std::strerror(fault));
    }
    return process;
}

bool write_all(int fd, ByteView input) {
    while (!input.empty()) {
        const ssize_t count = ::write(fd, input.data(), input.size());
        if (count < 0 && errno != EINTR) {
            return false;
        }
        input = input.subspan(count < 0 ? 0 : static_cast<std::size_t>(count));
    }
    return true;
}

int wait_for(pid_t process) {
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

} // namespace

void run_with_input(const std::string& what, const std::string& command, ByteView input) {
    const NoBrokenPipe no_broken_pipe;
    Pipe pipe;
    const pid_t process = start(what, command, pipe);
    pipe.close_end(0);
    const bool written = write_all(pipe.end(1), input);
    pipe.close_end(1);
    const int status = wait_for(process);
    if (WIFSIGNALED(status)) {
        throw Failure(ExitCode::failed,
                      what + " was ended by signal " + std::to_string(WTERMSIG(status)));
    }
    if (WEXITSTATUS(status) != 0) {
        throw Failure(ExitCode::failed,
                      what + " ended with status " + std::to_string(WEXITSTATUS(status)));
    }
    if (!written) {
        throw Failure(ExitCode::failed, what + " has not read all that it was given");
    }
}

} // namespace tpmvsc::cli
