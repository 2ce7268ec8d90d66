// SPDX-License-Identifier: Apache-2.0
#include "apdu/card_edge.hpp"
#include "tests/catch.hpp"
#include "tests/unit/apdu_support.hpp"

#include <algorithm>
#include <cstdlib>
#include <malloc.h>
#include <new>

// Every block of memory that this program gives back is searched for the secret first: what is in a
// freed block stays in a memory image.
namespace {

constexpr std::size_t secret_bytes = 8;
// Built at run time, so that the bytes stand nowhere else in the program.
std::uint8_t secret[secret_bytes];
bool armed = false;
bool found = false;

void search(void* block) {
    if (!armed || block == nullptr) {
        return;
    }
    const auto* const begin = static_cast<const std::uint8_t*>(block);
    const auto* const end = begin + malloc_usable_size(block);
    found = found || std::search(begin, end, secret, secret + secret_bytes) != end;
}

void release(void* block) {
    search(block);
    std::free(block);
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

using namespace tpmvsc;
using test::hex;
using test::ScriptedApplet;

namespace {

/// The secret in a command APDU. It is the test that gives this one back, after its watch is over.
Bytes command_with_secret(const char* header) {
    for (std::size_t i = 0; i < secret_bytes; ++i) {
        secret[i] = static_cast<std::uint8_t>(0xC1 + 7 * i);
    }
    Bytes command = hex(header);
    command.reserve(64);
    command.push_back(secret_bytes);
    command.insert(command.end(), secret, secret + secret_bytes);
    return command;
}

struct Watch {
    Watch() {
        found = false;
        armed = true;
    }
    ~Watch() { armed = false; }
};

std::unique_ptr<apdu::CardEdge> edge_with(std::function<apdu::Response()> answer) {
    auto applet = std::make_unique<ScriptedApplet>("A000000308");
    applet->answer = [answer = std::move(answer)](const apdu::Command&) { return answer(); };
    std::vector<std::unique_ptr<apdu::Applet>> applets;
    applets.push_back(std::move(applet));
    return std::make_unique<apdu::CardEdge>(hex("3B00"), std::move(applets));
}

/// An applet that keeps no copy of what it is told, unlike ScriptedApplet.
class ForgetfulApplet final : public apdu::Applet {
  public:
    ByteView aid() const override { return aid_; }
    apdu::Response select(const apdu::Command&) override { return {}; }
    void deselect() override {}
    apdu::Response handle(const apdu::Command& command) override {
        if (fails) {
            throw std::runtime_error("the TPM is gone");
        }
        saw_secret = std::search(command.data.begin(), command.data.end(), secret,
                                 secret + secret_bytes) != command.data.end();
        return {};
    }
    bool accepts_chaining(const apdu::Command& command) const override {
        return command.ins == 0xFE;
    }
    void reset() override {}

    bool fails = false;
    bool saw_secret = false;

  private:
    Bytes aid_ = hex("A000000308");
};

struct Card {
    Card() {
        auto owned = std::make_unique<ForgetfulApplet>();
        applet = owned.get();
        std::vector<std::unique_ptr<apdu::Applet>> applets;
        applets.push_back(std::move(owned));
        edge = std::make_unique<apdu::CardEdge>(hex("3B00"), std::move(applets));
    }
    ForgetfulApplet* applet;
    std::unique_ptr<apdu::CardEdge> edge;
};

} // namespace

TEST_CASE("the search finds what is not wiped", "[apdu][wipe]") {
    Bytes command = command_with_secret("00200080");
    const Watch watch;
    { const std::vector<std::uint8_t> copy(command.begin(), command.end()); }
    CHECK(found);
}

TEST_CASE("Bytes leave nothing, whether they grow, shrink or go", "[apdu][wipe]") {
    Bytes command = command_with_secret("00200080");
    const Watch watch;
    {
        Bytes copy = command;
        copy.resize(1000);
        copy.resize(20);
        copy.shrink_to_fit();
        copy.clear();
    }
    CHECK_FALSE(found);
}

TEST_CASE("the PIN of a VERIFY is in no memory given back", "[apdu][wipe]") {
    Card card;
    Bytes command = command_with_secret("00200080");
    {
        const Watch watch;
        card.edge->transmit(command);
        CHECK_FALSE(found);
    }
    CHECK(card.applet->saw_secret);
}

TEST_CASE("nor when the command is refused or fails", "[apdu][wipe]") {
    Card card;
    Bytes command = command_with_secret("00200080");
    {
        const Watch watch;
        card.applet->fails = true;
        card.edge->transmit(command);
        command[0] = 0x0C;
        card.edge->transmit(command);
        command[0] = 0x10;
        card.edge->transmit(command);
        CHECK_FALSE(found);
    }
}

TEST_CASE("nor what a chain has carried, finished or broken", "[apdu][wipe]") {
    Card card;
    Bytes block = command_with_secret("10FE079A");
    {
        const Watch watch;
        for (int i = 0; i < 100; ++i) {
            card.edge->transmit(block);
        }
        SECTION("finished") {
            block[0] = 0x00;
            card.edge->transmit(block);
            CHECK(card.applet->saw_secret);
        }
        SECTION("broken") {
            card.edge->transmit(hex("00CB3FFF"));
        }
        SECTION("reset") {
            card.edge->reset();
        }
        CHECK_FALSE(found);
    }
}

TEST_CASE("nor an answer that was fetched in pieces or not at all", "[apdu][wipe]") {
    Bytes command = command_with_secret("00");
    const auto edge = edge_with([] {
        Bytes data(300, 0);
        std::copy(secret, secret + secret_bytes, data.begin() + 280);
        return apdu::Response(std::move(data));
    });
    {
        const Watch watch;
        edge->transmit(hex("00CB3FFF00"));
        SECTION("dropped") {
            edge->transmit(hex("00200080"));
        }
        SECTION("reset") {
            edge->reset();
        }
        CHECK_FALSE(found);
    }
}
