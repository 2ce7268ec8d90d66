// SPDX-License-Identifier: Apache-2.0
#include "cli/openssl.hpp"

#include "cli/failure.hpp"

#include <openssl/err.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>

namespace tpmvsc::cli::openssl {
namespace {

constexpr std::size_t largest_file = 1 << 20;

[[noreturn]] void refuse_to_read(const std::string& path) {
    throw Failure(ExitCode::failed, "cannot read " + path + ": " + std::strerror(errno));
}

class OpenFile {
  public:
    /// Throws Failure.
    explicit OpenFile(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        if (fd_ < 0) {
            refuse_to_read(path);
        }
    }
    ~OpenFile() { ::close(fd_); }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    /// Gives the number of bytes, 0 at the end, -1 for a fault.
    ssize_t read(std::span<std::uint8_t> target) const {
        return ::read(fd_, target.data(), target.size());
    }

  private:
    int fd_;
};

} // namespace

std::string reason() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
    return text == nullptr ? "no reason given" : text;
}

void require(bool ok, const char* call) {
    if (!ok) {
        throw std::runtime_error(std::string(call) + " failed: " + reason());
    }
}

Bio reader(ByteView bytes) {
    require(bytes.size() <= INT_MAX, "BIO_new_mem_buf");
    Bio bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
    require(bio != nullptr, "BIO_new_mem_buf");
    return bio;
}

Bio writer() {
    Bio bio(BIO_new(BIO_s_secmem()));
    require(bio != nullptr, "BIO_new");
    return bio;
}

ByteView written(const Bio& bio) {
    char* start = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &start);
    return {reinterpret_cast<const std::uint8_t*>(start), static_cast<std::size_t>(size)};
}

SecretBytes read_file(const std::string& path) {
    const OpenFile file(path);
    SecretBytes content(largest_file);
    std::size_t size = 0;
    while (size < largest_file) {
        const ssize_t count = file.read(content.span().subspan(size));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            refuse_to_read(path);
        }
        if (count == 0) {
            content.truncate(size);
            return content.clone();
        }
        size += static_cast<std::size_t>(count);
    }
    throw Failure(ExitCode::failed, path + " is too large for what it should be");
}

} // namespace tpmvsc::cli::openssl
