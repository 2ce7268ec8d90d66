// SPDX-License-Identifier: Apache-2.0
#include "tests/catch.hpp"
#include "tests/tpm/card_fixture.hpp"

#include "base/crypto.hpp"
#include "card/errors.hpp"

#include <csignal>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace tpmvsc;
using namespace tpmvsc::card;

namespace {

std::uint64_t commands(CardFixture& fixture, const std::function<void()>& action) {
    const std::uint64_t before = fixture.tpm.command_count();
    action();
    return fixture.tpm.command_count() - before;
}

} // namespace

TEST_CASE("A new card has its PIN, PUK and admin key") {
    CardFixture fixture;
    Card& card = *fixture.card;
    CHECK(card.is_default(PinKind::pin));
    CHECK(card.tries(PinKind::pin).left == 3);
    CHECK(card.tries(PinKind::puk).left == 3);
    CHECK(card.admin_key().is_default());
    CHECK_FALSE(card.logged_in());
    CHECK(card.verify_pin(as_bytes("123456")).right());
    CHECK(card.logged_in());
    const PinOutcome wrong = card.verify_pin(as_bytes("654321"));
    CHECK(wrong.result == PinOutcome::Result::wrong);
    CHECK(wrong.tries_left == 2);
    CHECK_FALSE(card.logged_in());
}

TEST_CASE("Changing and unblocking keep the default flag and the login as they should be") {
    CardFixture fixture;
    Card& card = *fixture.card;
    CHECK(card.change(PinKind::pin, as_bytes("123456"), as_bytes("987654")).right());
    CHECK(card.logged_in());
    CHECK_FALSE(card.is_default(PinKind::pin));
    for (unsigned left : {2u, 1u, 0u})
        CHECK(card.verify_pin(as_bytes("000000")).tries_left == left);
    CHECK(card.verify_pin(as_bytes("987654")).result == PinOutcome::Result::blocked);
    CHECK(card.reset_pin_by_puk(as_bytes("12345678"), as_bytes("123456")).right());
    CHECK_FALSE(card.logged_in());
    CHECK(card.is_default(PinKind::pin));
    CHECK(card.verify_pin(as_bytes("123456")).right());
}

TEST_CASE("TPM commands are as few as promised") {
    CardFixture fixture;
    Card& card = *fixture.card;
    card.generate_key(0x9A, KeyAlgorithm::p256, PinPolicy::once);
    card.generate_key(0x9E, KeyAlgorithm::p256, PinPolicy::never);
    card.generate_key(0x9D, KeyAlgorithm::rsa2048, PinPolicy::once);
    card.write_object(0x5FC105, ReadAccess::always, Bytes(500, 7));
    const Bytes digest(32, 1);
    card.verify_pin(as_bytes("123456"));
    card.ecdsa_sign(0x9A, digest);
    SECTION("warm") {
        CHECK(commands(fixture, [&] { card.verify_pin(as_bytes("123456")); }) == 2);
        CHECK(commands(fixture, [&] { CHECK(card.ecdsa_sign(0x9A, digest).done()); }) == 2);
        CHECK(commands(fixture, [&] { CHECK(card.ecdsa_sign(0x9A, digest).done()); }) == 2);
        CHECK(commands(fixture,
                       [&] { CHECK(card.verify_pin(as_bytes("000000")).tries_left == 2); }) <= 2);
        CHECK(commands(fixture, [&] { CHECK(card.verify_pin(as_bytes("123456")).right()); }) <= 2);
        card.ecdsa_sign(0x9E, digest);
        CHECK(commands(fixture, [&] { CHECK(card.ecdsa_sign(0x9E, digest).done()); }) == 1);
        Bytes block(256, 1);
        block[0] = 0;
        card.rsa_private(0x9D, block);
        CHECK(commands(fixture, [&] { CHECK(card.rsa_private(0x9D, block).done()); }) == 2);
        CHECK(commands(fixture, [&] { card.read_object(0x5FC105, ReadAccess::always); }) == 0);
        CHECK(commands(fixture, [&] { card.tries(PinKind::pin); }) == 0);
    }
    SECTION("the connection was closed") {
        fixture.tpm.close();
        CHECK(commands(fixture, [&] { CHECK(card.ecdsa_sign(0x9A, digest).done()); }) <= 5);
    }
    SECTION("a fresh driver") {
        fixture.tpm.close();
        CHECK(commands(fixture, [&] { fixture.reopen(); }) == 0);
        CHECK(commands(fixture, [&] {
                  CHECK(fixture.card->read_object(0x5FC105, ReadAccess::always));
              }) <= 4);
    }
}

TEST_CASE("Objects that want the PIN open after it only") {
    CardFixture fixture;
    Card& card = *fixture.card;
    card.write_object(0x5FC109, ReadAccess::pin, Bytes(100, 9));
    bool ended = false;
    CHECK_FALSE(card.read_object(0x5FC109, ReadAccess::pin, &ended));
    CHECK(ended);
    card.verify_pin(as_bytes("123456"));
    CHECK(card.read_object(0x5FC109, ReadAccess::pin) == Bytes(100, 9));
}

TEST_CASE("A restarted TPM ends the login and nothing else") {
    CardFixture fixture;
    Card& card = *fixture.card;
    card.generate_key(0x9A, KeyAlgorithm::p256, PinPolicy::once);
    card.verify_pin(as_bytes("000000"));
    card.verify_pin(as_bytes("123456"));
    fixture.swtpm.stop();
    fixture.swtpm.start();
    CHECK(card.ecdsa_sign(0x9A, Bytes(32, 1)).result == KeyOutcome::Result::pin_required);
    CHECK_FALSE(card.logged_in());
    CHECK(card.verify_pin(as_bytes("123456")).right());
    CHECK(card.ecdsa_sign(0x9A, Bytes(32, 1)).done());
}

TEST_CASE("The TPM itself ends a login when its time is over") {
    CardFixture fixture;
    fixture.card = Card::open(fixture.folder, fixture.tpm, std::chrono::seconds(2));
    Card& card = *fixture.card;
    card.generate_key(0x9A, KeyAlgorithm::p256, PinPolicy::once);
    REQUIRE(card.verify_pin(as_bytes("123456")).right());
    std::this_thread::sleep_for(std::chrono::milliseconds(4500));
    // The host thinks so, too; but it is the TPM that is asked here.
    CHECK_FALSE(card.logged_in());
    CHECK(card.ecdsa_sign(0x9A, Bytes(32, 1)).result == KeyOutcome::Result::pin_required);
    CHECK(card.verify_pin(as_bytes("123456")).right());
    CHECK(card.ecdsa_sign(0x9A, Bytes(32, 1)).done());
}

TEST_CASE("RSA-3072 and P-384 keys work where the TPM has them") {
    CardFixture fixture;
    Card& card = *fixture.card;
    REQUIRE(card.supports(KeyAlgorithm::rsa3072));
    card.generate_key(0x9D, KeyAlgorithm::rsa3072, PinPolicy::never);
    card.generate_key(0x9E, KeyAlgorithm::p384, PinPolicy::never);
    Bytes block(384, 1);
    block[0] = 0;
    CHECK(card.rsa_private(0x9D, block).data.size() == 384);
    CHECK(card.ecdsa_sign(0x9E, Bytes(64, 1)).done());
    CHECK_FALSE(card.supports(KeyAlgorithm::rsa4096));
}

TEST_CASE("What killed programs leave loaded in a TPM without resource manager is cleared") {
    CardFixture fixture;
    Card& card = *fixture.card;
    card.generate_key(0x9A, KeyAlgorithm::p256, PinPolicy::once);
    fixture.tpm.close(); // as the driver does after two idle seconds
    for (int i = 0; i < 6; ++i) {
        // A process that uses its card and is killed: nothing is flushed.
        if (fork() == 0) {
            tpm::Tpm other(fixture.swtpm.tcti(), std::chrono::seconds(2));
            const auto used = Card::open(fixture.folder, other);
            const bool signs = used->verify_pin(as_bytes("123456")).right() &&
                               used->ecdsa_sign(0x9A, Bytes(32, 1)).done();
            kill(getpid(), signs ? SIGKILL : SIGTERM);
        }
        int status = 0;
        wait(&status);
        CHECK(WTERMSIG(status) == SIGKILL);
    }
    CHECK(card.verify_pin(as_bytes("123456")).right());
    CHECK(card.ecdsa_sign(0x9A, Bytes(32, 1)).done());
}

TEST_CASE("A card in another TPM says so") {
    CardFixture fixture;
    fixture.card->verify_pin(as_bytes("123456"));
    fixture.swtpm.replace();
    CHECK_THROWS_AS(fixture.card->verify_pin(as_bytes("123456")), ForeignTpmError);
    fixture.reopen();
    CHECK_THROWS_AS(fixture.card->verify_pin(as_bytes("123456")), ForeignTpmError);
}

TEST_CASE("Destroying leaves nothing in the TPM") {
    CardFixture fixture;
    fixture.card.reset();
    const auto left = destroy(fixture.store, fixture.tpm, fixture.folder, {});
    CHECK(left.empty());
    CHECK(fixture.store.list().empty());
    CHECK(fixture.store.leftovers().empty());
    CHECK(fixture.nv_indices() == 0);
}
