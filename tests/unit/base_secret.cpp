// SPDX-License-Identifier: Apache-2.0
#include "base/secret.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>

using namespace tpmvsc;

namespace {

/// What was in the watched block when it was given back.
struct Watch {
    const void* block = nullptr;
    std::array<std::uint8_t, 64> seen{};
    std::size_t size = 0;
    bool freed = false;
};
Watch watch;

void look_before_free(void* block) {
    if (block == nullptr || block != watch.block)
        return;
    const auto* bytes = static_cast<const std::uint8_t*>(block);
    std::copy(bytes, bytes + watch.size, watch.seen.begin());
    watch.freed = true;
    watch.block = nullptr;
}

void start_watch(const SecretBytes& secret) {
    watch = Watch();
    watch.block = secret.view().data();
    watch.size = secret.size();
    watch.seen.fill(0xee);
}

/// True when the watched block has been given back and held zeros alone.
bool freed_clean() {
    return watch.freed && std::all_of(watch.seen.begin(),
                                      watch.seen.begin() + static_cast<std::ptrdiff_t>(watch.size),
                                      [](std::uint8_t byte) { return byte == 0; });
}

constexpr std::string_view pin = "12345678901234567890";

} // namespace

// The program's own array allocation, so that a block can be looked at in the moment it is freed.
void* operator new[](std::size_t size) {
    if (void* block = std::malloc(size == 0 ? 1 : size))
        return block;
    throw std::bad_alloc();
}
void operator delete[](void* block) noexcept {
    look_before_free(block);
    std::free(block);
}
void operator delete[](void* block, std::size_t) noexcept {
    look_before_free(block);
    std::free(block);
}

TEST_CASE("the watch sees what is freed") {
    // Else the tests below could pass without looking.
    auto* block = new std::uint8_t[4];
    std::fill(block, block + 4, std::uint8_t{0x55});
    watch = Watch();
    watch.block = block;
    watch.size = 4;
    delete[] block;
    CHECK(watch.freed);
    CHECK(watch.seen[3] == 0x55);
    CHECK_FALSE(freed_clean());
}

TEST_CASE("a secret is wiped when it goes") {
    {
        SecretBytes secret(as_bytes(pin));
        start_watch(secret);
        REQUIRE(equal(secret.view(), as_bytes(pin)));
    }
    CHECK(freed_clean());
}

TEST_CASE("a secret is wiped when it is cleared") {
    SecretBytes secret(as_bytes(pin));
    start_watch(secret);
    secret.clear();
    CHECK(freed_clean());
    CHECK(secret.empty());
    CHECK(secret.view().data() == nullptr);
    secret.clear();
}

TEST_CASE("a secret is wiped when another takes its place") {
    SecretBytes secret(as_bytes(pin));
    SecretBytes other(as_bytes("x"));
    start_watch(secret);
    secret = std::move(other);
    CHECK(freed_clean());
    CHECK(equal(secret.view(), as_bytes("x")));
    CHECK(other.empty());
}

TEST_CASE("what truncate drops is wiped at once, the rest at the end") {
    {
        SecretBytes secret(as_bytes(pin));
        const std::uint8_t* data = secret.view().data();
        start_watch(secret);
        secret.truncate(4);
        CHECK(equal(secret.view(), as_bytes("1234")));
        CHECK(secret.view().data() == data);
        CHECK(std::all_of(data + 4, data + pin.size(), [](std::uint8_t b) { return b == 0; }));
        secret.truncate(9);
        CHECK(secret.size() == 4);
    }
    CHECK(freed_clean());
}

TEST_CASE("a secret moves without leaving a copy") {
    SecretBytes secret(as_bytes(pin));
    const std::uint8_t* data = secret.view().data();
    SecretBytes moved(std::move(secret));
    CHECK(moved.view().data() == data);
    CHECK(secret.empty());
    SecretBytes& same = moved;
    moved = std::move(same);
    CHECK(equal(moved.view(), as_bytes(pin)));
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<SecretBytes>);
    STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<SecretBytes>);
}

TEST_CASE("a clone is a second owner") {
    SecretBytes secret(as_bytes(pin));
    SecretBytes twin = secret.clone();
    secret.clear();
    CHECK(equal(twin.view(), as_bytes(pin)));
}

TEST_CASE("a secret starts as zeros and is filled in place") {
    SecretBytes secret(8);
    CHECK(equal(secret.view(), Bytes(8, 0)));
    secret.span()[7] = 1;
    CHECK(secret.view()[7] == 1);
    CHECK(SecretBytes(std::size_t{0}).empty());
    CHECK(SecretBytes(ByteView()).empty());
}

TEST_CASE("wipe overwrites") {
    Bytes bytes{1, 2, 3};
    wipe(bytes);
    CHECK(bytes == Bytes{0, 0, 0});
    wipe({});
}

TEST_CASE("a plain structure is wiped at the end of its scope, whatever ends it") {
    struct {
        std::uint16_t size;
        std::uint8_t buffer[8];
    } sized{8, {1, 2, 3}};
    try {
        const WipeAtEnd wiper(sized);
        REQUIRE(sized.buffer[2] == 3);
        throw 1;
    } catch (int) {
    }
    CHECK(sized.size == 0);
    CHECK(sized.buffer[2] == 0);
}
