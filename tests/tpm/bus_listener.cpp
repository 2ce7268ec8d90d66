// SPDX-License-Identifier: Apache-2.0
#include "tests/tpm/bus_listener.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace tpmvsc::test {

namespace {

constexpr std::size_t piece_bytes = 16;

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw std::runtime_error("socket path too long: " + path);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

int new_socket() {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        throw std::runtime_error(std::string("socket: ") + std::strerror(errno));
    return fd;
}

int connect_to(const std::string& path) {
    const sockaddr_un address = address_of(path);
    const int fd = new_socket();
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

bool send_all(int to, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    return true;
}

} // namespace

BusListener::BusListener(const Swtpm& swtpm)
    : path_(swtpm.folder() + "/line"), tpm_path_(swtpm.data_path()) {
    // The control channel has no TPM commands.
    std::filesystem::create_symlink(tpm_path_ + ".ctrl", path_ + ".ctrl");
    const sockaddr_un address = address_of(path_);
    listening_ = new_socket();
    if (bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listening_, 8) != 0 || pipe(stop_) != 0)
        throw std::runtime_error(path_ + ": " + std::strerror(errno));
    thread_ = std::thread([this] { serve(); });
}

BusListener::~BusListener() {
    close(stop_[1]);
    thread_.join();
    close(stop_[0]);
    close(listening_);
}

/// The TPM has one client at a time, and so has the line.
void BusListener::serve() {
    for (;;) {
        std::array<pollfd, 2> fds{{{stop_[0], POLLIN, 0}, {listening_, POLLIN, 0}}};
        if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR)
            return;
        if (fds[0].revents != 0)
            return;
        const int client = fds[1].revents == 0 ? -1 : accept(listening_, nullptr, nullptr);
        if (client >= 0) {
            pass_on(client);
            close(client);
        }
    }
}

void BusListener::pass_on(int client) {
    const int tpm = connect_to(tpm_path_);
    if (tpm < 0)
        return;
    bool open = true;
    while (open) {
        std::array<pollfd, 3> fds{{{stop_[0], POLLIN, 0}, {client, POLLIN, 0}, {tpm, POLLIN, 0}}};
        if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR)
            break;
        open = fds[0].revents == 0 && (fds[1].revents == 0 || copy(client, tpm)) &&
               (fds[2].revents == 0 || copy(tpm, client));
    }
    close(tpm);
}

bool BusListener::copy(int from, int to) {
    std::array<std::uint8_t, 8192> buffer;
    const ssize_t size = recv(from, buffer.data(), buffer.size(), 0);
    if (size <= 0)
        return false;
    const ByteView bytes(buffer.data(), static_cast<std::size_t>(size));
    {
        const std::lock_guard lock(mutex_);
        append(record_, bytes);
    }
    return send_all(to, bytes);
}

bool BusListener::heard(ByteView secret) const {
    const std::lock_guard lock(mutex_);
    const std::size_t size = std::min(piece_bytes, secret.size());
    if (size == 0)
        throw std::invalid_argument("nothing to search for");
    for (; secret.size() >= size; secret = secret.subspan(size)) {
        const std::boyer_moore_searcher piece(secret.begin(),
                                              secret.begin() + static_cast<std::ptrdiff_t>(size));
        if (std::search(record_.begin(), record_.end(), piece) != record_.end())
            return true;
    }
    return false;
}

std::size_t BusListener::bytes_heard() const {
    const std::lock_guard lock(mutex_);
    return record_.size();
}

void BusListener::forget() {
    const std::lock_guard lock(mutex_);
    record_.clear();
}

} // namespace tpmvsc::test
