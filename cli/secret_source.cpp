// SPDX-License-Identifier: Apache-2.0
#include "cli/secret_source.hpp"

#include "cli/failure.hpp"
#include "cli/terminal.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

class File {
  public:
    explicit File(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~File() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int fd() const { return fd_; }

  private:
    int fd_;
};

std::string accepted_forms(SecretForms forms) {
    std::string text = "prompt, ";
    if (forms.well_known_and_random) {
        text += "default, random, ";
    }
    if (forms.none) {
        text += "none, ";
    }
    return text + "file:PATH, fd:N or - (standard input)";
}

int parse_descriptor(const std::string& option, std::string_view digits) {
    int number = -1;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
    if (error != std::errc() || end != digits.end() || number < 0) {
        throw Failure(ExitCode::usage, option + ": fd: takes the number of an open file");
    }
    return number;
}

SecretBytes read_file(const std::string& option, const std::string& path) {
    const File file(path);
    if (file.fd() < 0) {
        throw Failure(ExitCode::failed,
                      option + ": cannot read " + path + ": " + std::strerror(errno));
    }
    auto line = read_secret_line(file.fd());
    if (!line) {
        throw Failure(ExitCode::failed, option + ": " + path + " is empty");
    }
    char more = 0;
    if (::read(file.fd(), &more, 1) == 1) {
        throw Failure(ExitCode::failed,
                      option + ": " + path +
                          " has more than one line; it must hold the secret alone");
    }
    return std::move(*line);
}

} // namespace

SecretSource parse_secret_source(const std::string& option, const std::string& value,
                                 SecretForms forms) {
    using Kind = SecretSource::Kind;
    if (value == "prompt") {
        return {Kind::prompt, "", 0};
    }
    if (value == "-") {
        return {Kind::descriptor, "", STDIN_FILENO};
    }
    if (forms.well_known_and_random && value == "default") {
        return {Kind::well_known, "", 0};
    }
    if (forms.well_known_and_random && value == "random") {
        return {Kind::random, "", 0};
    }
    if (forms.none && value == "none") {
        return {Kind::none, "", 0};
    }
    if (value.starts_with("file:") && value.size() > 5) {
        return {Kind::file, value.substr(5), 0};
    }
    if (value.starts_with("fd:")) {
        return {Kind::descriptor, "", parse_descriptor(option, std::string_view(value).substr(3))};
    }
    throw Failure(ExitCode::usage, option + " takes " + accepted_forms(forms) +
                                       ", never the secret itself: on the command line every user "
                                       "of this computer could see it (ps)");
}

SecretBytes read_secret(const std::string& option, const SecretSource& source) {
    if (source.kind == SecretSource::Kind::file) {
        return read_file(option, source.path);
    }
    // Somebody who types it himself, after all: it must not stay on the screen.
    auto line = ::isatty(source.descriptor) == 1 ? ask_unseen(source.descriptor, option)
                                                 : read_secret_line(source.descriptor);
    if (!line) {
        throw Failure(ExitCode::failed,
                      option + ": no line left on " +
                          (source.descriptor == STDIN_FILENO
                               ? "standard input"
                               : "file descriptor " + std::to_string(source.descriptor)));
    }
    return std::move(*line);
}

bool is_world_readable(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
           (status.st_mode & S_IROTH) != 0;
}

} // namespace tpmvsc::cli
