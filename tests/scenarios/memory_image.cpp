// SPDX-License-Identifier: Apache-2.0
#include "tests/scenarios/memory_image.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <malloc.h>
#include <new>
#include <set>
#include <stdexcept>
#include <unistd.h>
#include <utility>
#include <vector>

namespace tpmvsc::test {

namespace {

constexpr std::uint8_t mask = 0xA5;
constexpr std::size_t longest_piece = 16;
/// Shorter ones are found by chance.
constexpr std::size_t shortest_piece = 6;

struct Piece {
    std::array<std::uint8_t, longest_piece> veiled{};
    std::size_t size = 0;
    std::size_t secret = 0; ///< index of its name
};

struct Search {
    std::vector<std::string> names;
    std::array<std::vector<Piece>, 256> pieces; ///< by their first byte
    std::set<std::size_t> freed;
};

/// Not null while a MemoryWatch looks.
Search* search = nullptr;

bool is_at(const std::uint8_t* place, const Piece& piece) {
    return std::equal(
        piece.veiled.begin(), piece.veiled.begin() + piece.size, place,
        [](std::uint8_t veiled, std::uint8_t byte) { return veiled == (byte ^ mask); });
}

/// Calls `found` with the index of each secret of which there is a piece in the bytes.
template<typename Found>
void look_at(const Search& wanted, const std::uint8_t* begin, const std::uint8_t* end,
             Found&& found) {
    for (const std::uint8_t* place = begin; place != end; ++place) {
        for (const Piece& piece : wanted.pieces[*place]) {
            if (static_cast<std::size_t>(end - place) >= piece.size && is_at(place, piece))
                found(piece.secret);
        }
    }
}

void release(void* block) {
    if (block != nullptr && search != nullptr) {
        Search* const active = std::exchange(search, nullptr);
        const auto* const begin = static_cast<const std::uint8_t*>(block);
        look_at(*active, begin, begin + malloc_usable_size(block),
                [active](std::size_t secret) { active->freed.insert(secret); });
        search = active;
    }
    std::free(block);
}

/// ProcessMemory reads this process' own memory by address.
class ProcessMemory {
  public:
    ProcessMemory() : file_(open("/proc/self/mem", O_RDONLY | O_CLOEXEC)) {
        if (file_ < 0)
            throw std::runtime_error("/proc/self/mem cannot be read");
    }
    ~ProcessMemory() { close(file_); }
    ProcessMemory(const ProcessMemory&) = delete;
    ProcessMemory& operator=(const ProcessMemory&) = delete;

    /// The parts overlap, so that a piece across their border is found.
    std::set<std::size_t> secrets_in(unsigned long begin, unsigned long end) {
        std::set<std::size_t> secrets;
        for (unsigned long at = begin; at < end; at += part_.size() - longest_piece) {
            const std::size_t wanted = std::min<std::size_t>(end - at, part_.size());
            const ssize_t size = pread(file_, part_.data(), wanted, static_cast<off_t>(at));
            look_at(*search, part_.data(), part_.data() + std::max<ssize_t>(size, 0),
                    [&](std::size_t secret) { secrets.insert(secret); });
            wipe(part_);
        }
        return secrets;
    }

  private:
    int file_;
    std::array<std::uint8_t, 65536> part_{};
};

} // namespace

Veiled::Veiled(ByteView secret) : bytes_(to_bytes(secret)) {
    for (std::uint8_t& byte : bytes_)
        byte ^= mask;
}

Bytes Veiled::unveil() const {
    Bytes secret = bytes_;
    for (std::uint8_t& byte : secret)
        byte ^= mask;
    return secret;
}

MemoryWatch::MemoryWatch() {
    search = new Search;
}

MemoryWatch::~MemoryWatch() {
    delete std::exchange(search, nullptr);
}

void MemoryWatch::look_for(const std::string& name, ByteView secret) {
    Search* const idle = std::exchange(search, nullptr);
    idle->names.push_back(name);
    for (; secret.size() >= shortest_piece;
         secret = secret.subspan(std::min(longest_piece, secret.size()))) {
        Piece piece;
        piece.size = std::min(longest_piece, secret.size());
        piece.secret = idle->names.size() - 1;
        std::transform(secret.begin(), secret.begin() + static_cast<std::ptrdiff_t>(piece.size),
                       piece.veiled.begin(),
                       [](std::uint8_t byte) { return static_cast<std::uint8_t>(byte ^ mask); });
        idle->pieces[secret.front()].push_back(piece);
    }
    search = idle;
}

void MemoryWatch::look_for_number(const std::string& name, ByteView secret) {
    look_for(name, secret);
    const Bytes reversed(secret.rbegin(), secret.rend());
    look_for(name + ", lowest byte first", reversed);
}

std::string MemoryWatch::findings() {
    std::string text;
    for (const std::size_t secret : search->freed)
        text += search->names[secret] + ": freed\n";
    ProcessMemory memory;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        unsigned long begin = 0;
        unsigned long end = 0;
        char access[5] = {};
        if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, access) != 3 ||
            std::string(access).substr(0, 2) != "rw")
            continue;
        for (const std::size_t secret : memory.secrets_in(begin, end))
            text += search->names[secret] + ": " + line + "\n";
    }
    return text;
}

} // namespace tpmvsc::test

void* operator new(std::size_t size) {
    // Cleared, so that what is found was written by who had this block.
    if (void* const block = std::calloc(1, size == 0 ? 1 : size))
        return block;
    throw std::bad_alloc();
}
void operator delete(void* block) noexcept {
    tpmvsc::test::release(block);
}
void operator delete(void* block, std::size_t) noexcept {
    tpmvsc::test::release(block);
}
