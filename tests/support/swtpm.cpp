// SPDX-License-Identifier: Apache-2.0
#include "tests/support/swtpm.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace tpmvsc::test {

namespace {

std::string make_folder() {
    const char* parent = std::getenv("TMPDIR");
    std::string path = std::string(parent != nullptr ? parent : "/tmp") + "/tpmvsc-test.XXXXXX";
    if (mkdtemp(path.data()) == nullptr) {
        throw std::runtime_error("mkdtemp " + path + ": " + std::strerror(errno));
    }
    return path;
}

/// Connecting and hanging up at once does swtpm no harm on its control socket.
bool accepts(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) {
        throw std::runtime_error("socket path too long: " + path);
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected =
        fd >= 0 && connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return connected;
}

/// Runs in the child: only calls that are safe between fork and exec.
[[noreturn]] void become(const std::vector<char*>& arguments, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(127);
    }
    const int null = open("/dev/null", O_RDWR);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        dup2(null, fd);
    }
    for (int fd = STDERR_FILENO + 1; fd < 1024; ++fd) {
        close(fd);
    }
    execvp(arguments[0], arguments.data());
    _exit(127);
}

pid_t launch(std::vector<std::string> command) {
    std::vector<char*> arguments;
    for (std::string& word : command) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child < 0) {
        throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
    }
    if (child == 0) {
        become(arguments, parent);
    }
    return child;
}

} // namespace

Swtpm::Swtpm() : folder_(make_folder()) {
    std::signal(SIGPIPE, SIG_IGN); // as pcscd does: a TPM that goes away is an error, not the end
    std::filesystem::create_directory(folder_ + "/state");
    try {
        start();
    } catch (...) {
        stop();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
        throw;
    }
}

Swtpm::~Swtpm() {
    stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void Swtpm::start() {
    if (running()) {
        return;
    }
    std::filesystem::remove(data_path());
    std::filesystem::remove(data_path() + ".ctrl");
    pid_ = launch({"swtpm", "socket", "--tpm2", "--tpmstate", "dir=" + folder_ + "/state",
                   "--server", "type=unixio,path=" + data_path(), "--ctrl",
                   "type=unixio,path=" + data_path() + ".ctrl", "--flags",
                   "not-need-init,startup-clear", "--log", "file=" + folder_ + "/swtpm.log"});
    await_sockets();
}

void Swtpm::await_sockets() {
    using namespace std::chrono_literals;
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    // The files are there before anybody listens, so each socket is tried.
    while (!accepts(data_path()) || !accepts(data_path() + ".ctrl")) {
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) == pid_) {
            pid_ = -1;
            throw std::runtime_error("swtpm has ended (is it installed?): " + last_words());
        }
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("swtpm opens no socket: " + last_words());
        }
        std::this_thread::sleep_for(2ms);
    }
}

std::string Swtpm::last_words() const {
    std::ostringstream text;
    text << std::ifstream(folder_ + "/swtpm.log").rdbuf();
    return text.str();
}

void Swtpm::stop() {
    if (!running()) {
        return;
    }
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
}

void Swtpm::reset_chip() {
    const std::string command = "swtpm_ioctl --unix '" + data_path() + ".ctrl' -i";
    if (std::system(command.c_str()) != 0) { // NOLINT: no foreign text is in it
        throw std::runtime_error("swtpm does not reset: " + command);
    }
}

void Swtpm::replace() {
    stop();
    std::filesystem::remove_all(folder_ + "/state");
    std::filesystem::create_directory(folder_ + "/state");
    start();
}

} // namespace tpmvsc::test
