// SPDX-License-Identifier: Apache-2.0
#include "apdu/make_card_edge.hpp"
#include "base/secret.hpp"
#include "tests/catch.hpp"
#include "tests/tpm/card_fixture.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <malloc.h>
#include <new>
#include <string>
#include <unistd.h>

// A memory image of this program, taken after the PIN and the PUK went through the whole card, must
// not hold them: not on the heap, not on the stack, not in anybody's buffer. Freed memory is looked
// at as it is given back, before chance overwrites it.

using namespace tpmvsc;

namespace {

constexpr std::uint8_t mask = 0xA5;

/// Veiled is a secret that the test can look for without having it in memory.
using Veiled = std::array<std::uint8_t, 8>;

constexpr Veiled veil(const char (&text)[9]) {
    Veiled veiled{};
    for (std::size_t i = 0; i < veiled.size(); ++i) {
        veiled[i] = static_cast<std::uint8_t>(text[i]) ^ mask;
    }
    return veiled;
}

constexpr Veiled new_pin = veil("80257391");
constexpr Veiled new_puk = veil("46139872");

constexpr Veiled old_pin = veil("123456\xFF\xFF");
constexpr Veiled old_puk = veil("12345678");
constexpr Veiled wrong_pin = veil("93175208");

template<typename Iterator>
bool holds_secret(Iterator begin, Iterator end, const Veiled& secret) {
    const auto is_same = [](std::uint8_t byte, std::uint8_t veiled) {
        return (byte ^ mask) == veiled;
    };
    return std::search(begin, end, secret.begin(), secret.end(), is_same) != end;
}

bool freed_with_secret = false;

void release(void* block) {
    const auto* const begin = static_cast<const std::uint8_t*>(block);
    const auto* const end = block == nullptr ? begin : begin + malloc_usable_size(block);
    for (const Veiled& secret : {new_pin, new_puk, wrong_pin}) {
        freed_with_secret = freed_with_secret || holds_secret(begin, end, secret);
    }
    std::free(block);
}

class MemoryImage {
  public:
    MemoryImage() : memory_(open("/proc/self/mem", O_RDONLY | O_CLOEXEC)) { REQUIRE(memory_ >= 0); }
    ~MemoryImage() { close(memory_); }
    MemoryImage(const MemoryImage&) = delete;
    MemoryImage& operator=(const MemoryImage&) = delete;

    /// Where the secret is found, by the names of the mappings; empty when it is nowhere.
    std::string places_of(const Veiled& secret) {
        std::string places;
        std::ifstream maps("/proc/self/maps");
        for (std::string line; std::getline(maps, line);) {
            unsigned long begin = 0;
            unsigned long end = 0;
            char access[5] = {};
            const bool read = std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, access) == 3;
            if (read && std::string(access).substr(0, 2) == "rw" && holds(begin, end, secret)) {
                places += line + "\n";
            }
        }
        return places;
    }

  private:
    /// The pieces overlap, so that a secret across their border is found.
    bool holds(unsigned long begin, unsigned long end, const Veiled& secret) {
        bool found = false;
        for (unsigned long at = begin; at < end && !found; at += piece_.size() - secret.size()) {
            const std::size_t wanted = std::min<std::size_t>(end - at, piece_.size());
            const ssize_t size = pread(memory_, piece_.data(), wanted, static_cast<off_t>(at));
            const auto last = piece_.begin() + std::max<ssize_t>(size, 0);
            found = holds_secret(piece_.begin(), last, secret);
            wipe(piece_);
        }
        return found;
    }

    int memory_;
    std::array<std::uint8_t, 65536> piece_{};
};

/// Sends header, Lc and the secrets, as a reader would from a buffer that it then clears.
std::string send(apdu::CardEdge& edge, const Bytes& header, std::initializer_list<Veiled> secrets) {
    Bytes command;
    command.reserve(64);
    append(command, header);
    command.push_back(static_cast<std::uint8_t>(8 * secrets.size()));
    for (const Veiled& secret : secrets) {
        for (const std::uint8_t byte : secret) {
            command.push_back(byte ^ mask);
        }
    }
    const std::string answer = to_hex(edge.transmit(command));
    wipe(command);
    return answer;
}

} // namespace

void* operator new(std::size_t size) {
    // Cleared, so that what is found was written by who had this block.
    if (void* const block = std::calloc(1, size == 0 ? 1 : size)) {
        return block;
    }
    throw std::bad_alloc();
}
void operator delete(void* block) noexcept {
    release(block);
}
void operator delete(void* block, std::size_t) noexcept {
    release(block);
}

TEST_CASE("a memory image holds neither PIN nor PUK", "[piv][wipe]") {
    CardFixture fixture;
    const auto edge = apdu::make_card_edge(*fixture.card);
    MemoryImage image;
    {
        Bytes plain(8);
        for (std::size_t i = 0; i < plain.size(); ++i) {
            plain[i] = new_pin[i] ^ mask;
        }
        REQUIRE_FALSE(image.places_of(new_pin).empty()); // the search does find
        wipe(plain);
        REQUIRE(image.places_of(new_pin).empty());
    }
    freed_with_secret = false;
    CHECK(send(*edge, {0x00, 0x24, 0x00, 0x81}, {old_puk, new_puk}) == "9000");
    CHECK(send(*edge, {0x00, 0x24, 0x00, 0x80}, {old_pin, new_pin}) == "9000");
    CHECK(send(*edge, {0x00, 0x20, 0x00, 0x80}, {new_pin}) == "9000");
    CHECK(send(*edge, {0x00, 0x20, 0x00, 0x80}, {wrong_pin}) == "63c2");
    CHECK(send(*edge, {0x0C, 0x20, 0x00, 0x80}, {new_pin}) == "6882");
    CHECK(send(*edge, {0x00, 0x2C, 0x00, 0x80}, {new_puk, new_pin}) == "9000");
    CHECK(send(*edge, {0x00, 0x20, 0x00, 0x80}, {new_pin}) == "9000");
    CHECK_FALSE(freed_with_secret);
    CHECK(image.places_of(new_pin) == "");
    CHECK(image.places_of(new_puk) == "");
    CHECK(image.places_of(wrong_pin) == "");
    fixture.tpm.close();
    fixture.card.reset();
}
