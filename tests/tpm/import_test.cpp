// SPDX-License-Identifier: Apache-2.0
#include "tests/catch.hpp"
#include "tests/tpm/card_fixture.hpp"

#include "tests/tpm/rsa_sample.hpp"

using namespace tpmvsc;
using namespace tpmvsc::card;
using test::RsaSample;

TEST_CASE("An imported RSA key decrypts, after the PIN only") {
    CardFixture fixture;
    Card& card = *fixture.card;
    RsaSample sample;
    const auto info =
        card.import_rsa_key(0x9D, KeyAlgorithm::rsa2048, PinPolicy::once, sample.parts());
    REQUIRE(info);
    CHECK(info->origin == KeyOrigin::imported);
    CHECK(info->public_key.modulus == sample.n);
    Bytes block(256, 0x42);
    block[0] = 0;
    const Bytes cipher = sample.encrypt(block);
    CHECK(card.rsa_private(0x9D, cipher).result == KeyOutcome::Result::pin_required);
    card.verify_pin(as_bytes("123456"));
    CHECK(card.rsa_private(0x9D, cipher).data == block);
}

TEST_CASE("RSA parts that do not belong together are refused") {
    CardFixture fixture;
    RsaSample sample;
    Bytes RsaSample::*const part = GENERATE(as<Bytes RsaSample::*>{}, &RsaSample::p, &RsaSample::q,
                                            &RsaSample::dp, &RsaSample::dq, &RsaSample::qinv);
    SECTION("altered") {
        (sample.*part)[64] ^= 2;
    }
    SECTION("zero") {
        (sample.*part).assign(128, 0);
    }
    SECTION("too long") {
        (sample.*part).insert((sample.*part).begin(), 200, 1);
    }
    SECTION("empty") {
        (sample.*part).clear();
    }
    CHECK_FALSE(
        fixture.card->import_rsa_key(0x9D, KeyAlgorithm::rsa2048, PinPolicy::once, sample.parts()));
    CHECK_FALSE(fixture.card->key(0x9D));
}

TEST_CASE("An imported curve key agrees as its owner would") {
    CardFixture fixture;
    Card& card = *fixture.card;
    const Bytes scalar(32, 0x17);
    const auto info = card.import_ec_key(0x9A, KeyAlgorithm::p256, PinPolicy::never, scalar);
    REQUIRE(info);
    const auto peer = crypto::EcKeyPair::generate(crypto::Curve::p256);
    const auto theirs = peer.agree(info->public_key.point);
    REQUIRE(theirs);
    CHECK(equal(card.ecdh(0x9A, peer.point()).data, theirs->view()));
    CHECK_FALSE(card.import_ec_key(0x9C, KeyAlgorithm::p256, PinPolicy::once, Bytes(32, 0)));
    CHECK_FALSE(card.import_ec_key(0x9C, KeyAlgorithm::p256, PinPolicy::once, Bytes(32, 0xFF)));
    CHECK_FALSE(card.import_ec_key(0x9C, KeyAlgorithm::p384, PinPolicy::once, scalar));
}

TEST_CASE("Keys move to empty slots and are deleted") {
    CardFixture fixture;
    Card& card = *fixture.card;
    const KeyInfo made = card.generate_key(0x9A, KeyAlgorithm::p256, PinPolicy::once);
    card.generate_key(0x9C, KeyAlgorithm::p256, PinPolicy::once);
    CHECK_FALSE(card.move_key(0x9A, 0x9C));
    CHECK_FALSE(card.move_key(0x9E, 0x82));
    CHECK(card.move_key(0x9A, 0x82));
    CHECK(card.key_slots() == std::vector<KeySlot>{0x82, 0x9C});
    CHECK(card.key(0x82)->public_key.point == made.public_key.point);
    card.verify_pin(as_bytes("123456"));
    CHECK(card.ecdsa_sign(0x82, Bytes(32, 1)).done());
    CHECK(card.delete_key(0x82));
    CHECK_FALSE(card.delete_key(0x82));
    fixture.reopen();
    CHECK(fixture.card->key_slots() == std::vector<KeySlot>{0x9C});
}

namespace {

std::optional<AdminSession> administrator(Card& card) {
    const Bytes challenge = card.admin_key().challenge(AdminProof::encrypts);
    const Bytes key = default_admin_key(AdminAlgorithm::tdes);
    const Bytes answer = crypto::block_encrypt(crypto::BlockCipher::tdes, key, challenge);
    return card.admin_key().check(AdminProof::encrypts, challenge, answer);
}

} // namespace

TEST_CASE(
    "A card that was not created with the right to new limits has no way to them in its policy") {
    CardFixture fixture;
    Card& card = *fixture.card;
    const auto admin = administrator(card);
    REQUIRE(admin);
    REQUIRE(card.verify_pin(as_bytes("123456")).right());
    CHECK_FALSE(card.can_set_tries());
    CHECK(card.set_tries(*admin, 5, 7).result == PinOutcome::Result::absent);
    CHECK(card.tries(PinKind::pin).limit == 3);
}

TEST_CASE("New limits want the PIN and the admin key, and restore the well-known values") {
    CardFixture fixture(true);
    Card& card = *fixture.card;
    const auto admin = administrator(card);
    REQUIRE(admin);
    CHECK(card.set_tries(*admin, 5, 7).result == PinOutcome::Result::absent);
    card.change(PinKind::puk, as_bytes("12345678"), as_bytes("87654321"));
    card.change(PinKind::pin, as_bytes("123456"), as_bytes("998877"));
    CHECK(card.set_tries(*admin, 5, 7).right());
    fixture.reopen();
    CHECK(fixture.card->tries(PinKind::pin).left == 5);
    CHECK(fixture.card->tries(PinKind::puk).left == 7);
    CHECK(fixture.card->verify_pin(as_bytes("998877")).tries_left == 4);
    CHECK(fixture.card->verify_pin(as_bytes("123456")).right());
    CHECK(
        fixture.card->change(PinKind::puk, as_bytes("87654321"), as_bytes("11111111")).tries_left ==
        6);
    CHECK(fixture.card->reset_pin_by_puk(as_bytes("12345678"), as_bytes("123456")).right());
    CHECK(fixture.card->tries(PinKind::puk).left == 7);
}
