// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.hpp"

#include "cli/failure.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

volatile std::sig_atomic_t caught_signal = 0;

void remember_signal(int number) {
    caught_signal = number;
}

/// SilentTerminal turns echo off while it lives. Signals that would end the program are held until
/// the terminal is as it was, then take their course.
class SilentTerminal {
  public:
    explicit SilentTerminal(int fd) : fd_(fd) {
        struct sigaction action {};
        action.sa_handler = remember_signal; // no SA_RESTART: read() has to come back
        for (std::size_t i = 0; i < signals.size(); ++i) {
            ::sigaction(signals[i], &action, &saved_actions_[i]);
        }
        if (::tcgetattr(fd_, &saved_mode_) == 0) {
            termios silent = saved_mode_;
            silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL);
            changed_ = ::tcsetattr(fd_, TCSAFLUSH, &silent) == 0;
        }
    }
    ~SilentTerminal() {
        if (changed_) {
            ::tcsetattr(fd_, TCSAFLUSH, &saved_mode_);
        }
        for (std::size_t i = 0; i < signals.size(); ++i) {
            ::sigaction(signals[i], &saved_actions_[i], nullptr);
        }
        if (caught_signal != 0) {
            ::raise(caught_signal);
        }
    }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;

    bool silent() const { return changed_; }

  private:
    static constexpr std::array signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    int fd_;
    bool changed_ = false;
    termios saved_mode_{};
    std::array<struct sigaction, signals.size()> saved_actions_{};
};

/// read_byte gives nothing at the end of input and when a signal asks for the end.
std::optional<std::uint8_t> read_byte(int fd) {
    for (;;) {
        std::uint8_t byte = 0;
        const ssize_t count = ::read(fd, &byte, 1);
        if (count == 1) {
            return byte;
        }
        if (count == 0 || errno != EINTR || caught_signal != 0) {
            return std::nullopt;
        }
    }
}

void write_text(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written <= 0) {
            return;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

} // namespace

std::optional<SecretBytes> read_secret_line(int fd) {
    SecretBytes line(max_secret_bytes);
    std::size_t length = 0;
    auto byte = read_byte(fd);
    if (!byte) {
        return std::nullopt;
    }
    for (; byte && *byte != '\n'; byte = read_byte(fd)) {
        if (length == max_secret_bytes) {
            throw Failure(ExitCode::usage, "a secret of more than " +
                                               std::to_string(max_secret_bytes) +
                                               " bytes is not accepted");
        }
        line.span()[length++] = *byte;
    }
    if (length > 0 && line.view()[length - 1] == '\r') {
        --length;
    }
    line.truncate(length);
    return line;
}

std::optional<SecretBytes> ask_unseen(int fd, const std::string& question) {
    caught_signal = 0;
    std::optional<SecretBytes> answer;
    {
        const SilentTerminal silence(fd);
        if (!silence.silent()) {
            throw Failure(ExitCode::failed, "the terminal cannot hide what is typed");
        }
        write_text(fd, question + ": ");
        answer = read_secret_line(fd);
        write_text(fd, "\n");
    }
    return answer;
}

bool Terminal::available() {
    return ::isatty(STDIN_FILENO) == 1;
}

Terminal::Terminal(const std::string& instead)
    : fd_(available() ? ::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC) : -1) {
    if (fd_ < 0) {
        throw Failure(ExitCode::usage, "there is no terminal to ask on: " + instead);
    }
}

Terminal::~Terminal() {
    ::close(fd_);
}

void Terminal::say(const std::string& text) const {
    write_text(fd_, text);
}

std::string Terminal::ask(const std::string& question) const {
    say(question + ": ");
    const auto answer = read_secret_line(fd_);
    if (!answer) {
        throw Failure(ExitCode::failed, "no answer was given");
    }
    const ByteView bytes = answer->view();
    return {bytes.begin(), bytes.end()};
}

SecretBytes Terminal::ask_secret(const std::string& question) const {
    auto answer = ask_unseen(fd_, question);
    if (!answer) {
        throw Failure(ExitCode::failed, "no answer was given");
    }
    return std::move(*answer);
}

} // namespace tpmvsc::cli
