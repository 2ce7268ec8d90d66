// SPDX-License-Identifier: Apache-2.0
//
// How many guesses at the PIN an attacker gets who has the card's folder and the machine: he puts
// old copies of the folder back, cuts the power, sets the clock. Each test counts the guesses that
// were compared; the answer is the configured number.
#include "tests/catch.hpp"
#include "tests/tpm/card_fixture.hpp"

#include "tpm/error.hpp"

#include <chrono>
#include <filesystem>
#include <thread>

using namespace tpmvsc;
using namespace tpmvsc::card;
using Result = PinOutcome::Result;

namespace {

constexpr unsigned limit = 3;
const Bytes right = to_bytes(as_bytes("123456"));
const Bytes wrong = to_bytes(as_bytes("999999"));
const Bytes other = to_bytes(as_bytes("654321"));
const Bytes puk = to_bytes(as_bytes("12345678"));

/// A copy of the whole folder, as a backup or a thief has it.
class Copy {
  public:
    explicit Copy(const CardFixture& fixture)
        : original_(fixture.folder), copy_(fixture.swtpm.folder() + "/copy") {
        std::filesystem::remove_all(copy_);
        std::filesystem::copy(original_, copy_, std::filesystem::copy_options::recursive);
    }
    void put_back(CardFixture& fixture) const {
        std::filesystem::remove_all(original_);
        std::filesystem::copy(copy_, original_, std::filesystem::copy_options::recursive);
        fixture.reopen();
    }

  private:
    std::string original_;
    std::string copy_;
};

/// Guesses until the card compares no more, doing `between` after each.
unsigned guess_on(CardFixture& f, const std::function<void()>& between) {
    unsigned compared = 0;
    for (unsigned i = 0; i < 4 * limit; ++i) {
        const Result result = f.card->verify_pin(wrong).result;
        compared += result == Result::wrong ? 1 : 0;
        between();
    }
    return compared;
}

void expect_blocked(CardFixture& f) {
    CHECK(f.card->verify_pin(right).result == Result::blocked);
    CHECK(f.card->tries(PinKind::pin).left == 0);
}

} // namespace

TEST_CASE("Attack: an old copy of the folder is put back after each guess") {
    CardFixture f;
    const Copy copy(f);
    CHECK(guess_on(f, [&] { copy.put_back(f); }) == limit);
    expect_blocked(f);
}

TEST_CASE("Attack: the folder from before a PIN change is put back") {
    CardFixture f;
    const Copy copy(f);
    REQUIRE(f.card->change(PinKind::pin, right, other).right());
    copy.put_back(f);
    CHECK(f.card->verify_pin(right).result == Result::wrong);
    CHECK(f.card->tries(PinKind::pin).left == limit - 1);
    CHECK(f.card->verify_pin(other).right());
}

TEST_CASE("Attack: the folder from before a PUK change, and from before both were blocked") {
    CardFixture f;
    const Copy copy(f);
    REQUIRE(f.card->change(PinKind::puk, puk, to_bytes(as_bytes("87654321"))).right());
    copy.put_back(f);
    CHECK(guess_on(f, [] {}) == limit);
    unsigned compared = 0;
    for (unsigned i = 0; i < 4 * limit; ++i) {
        compared += f.card->reset_pin_by_puk(puk, other).result == Result::wrong ? 1 : 0;
        copy.put_back(f);
    }
    CHECK(compared == limit);
    CHECK(f.card->reset_pin_by_puk(as_bytes("87654321"), other).result == Result::blocked);
    expect_blocked(f);
}

TEST_CASE("Attack: the machine is started anew between guesses") {
    CardFixture f;
    BootTime now{"first", std::chrono::seconds(100)};
    unsigned starts = 0;
    const auto compared = guess_on(f, [&] {
        now = {"start " + std::to_string(++starts), std::chrono::hours(1000) * starts};
        f.tpm.close();
        f.swtpm.stop();
        f.swtpm.start();
        f.card = Card::open(f.folder, f.tpm, Card::default_pin_session, [&] { return now; });
    });
    CHECK(compared == limit);
    expect_blocked(f);
}

TEST_CASE("Attack: the TPM loses its power in the middle of guesses") {
    CardFixture f;
    unsigned answered = 0;
    unsigned cut = 0;
    unsigned left = limit;
    for (unsigned i = 0; i < 200 && left > 0; ++i) {
        f.card->tries(PinKind::pin); // the connection is open
        std::optional<Result> result;
        std::thread guess([&] {
            try {
                result = f.card->verify_pin(wrong).result;
            } catch (const tpm::Error&) {
                // no answer: it may have been counted or not
            }
        });
        std::this_thread::sleep_for(std::chrono::microseconds(150 * (i % 12)));
        f.swtpm.stop();
        guess.join();
        f.swtpm.start();
        f.reopen();
        const unsigned now = f.card->tries(PinKind::pin).left;
        REQUIRE(now <= left);
        if (result) {
            ++answered;
            CHECK(now < left); // what was answered was counted before
        } else {
            ++cut;
        }
        left = now;
    }
    INFO(answered << " guesses answered, " << cut << " cut short");
    CHECK(answered <= limit);
    CHECK(cut > 0);
    CHECK(guess_on(f, [] {}) == left);
    expect_blocked(f);
}
