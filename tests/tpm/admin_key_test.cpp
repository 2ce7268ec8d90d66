// SPDX-License-Identifier: Apache-2.0
#include "tests/catch.hpp"
#include "tests/tpm/card_fixture.hpp"
#include "tests/tpm/thief.hpp"

#include "base/crypto.hpp"
#include "card/records.hpp"
#include "tpm/error.hpp"
#include "tpm/objects.hpp"
#include "tpm/value_seal.hpp"

#include <algorithm>
#include <set>

// The admin key is sealed under its own answers. The attacker here has the card's files, root and
// the TPM: he opens every sealed file as the driver does, but he does not know the admin key.

using namespace tpmvsc;
using namespace tpmvsc::card;

namespace {

Bytes encrypted(ByteView block) {
    return crypto::block_encrypt(crypto::BlockCipher::tdes, default_admin_key(AdminAlgorithm::tdes),
                                 block);
}

bool contains(ByteView text, ByteView part) {
    return std::search(text.begin(), text.end(), part.begin(), part.end()) != text.end();
}

} // namespace

TEST_CASE("Attack: the admin key from the card's files, with the TPM and root") {
    CardFixture fixture;
    const Thief thief(fixture.folder, fixture.tpm);
    const AdminRecord record = AdminRecord::read(*thief.files);
    REQUIRE(record.seals.size() == 8);
    for (const AnswerSeal& seal : record.seals) {
        // As whoever may use the object without a value, and with values that are at hand.
        const Bytes name = tpm::object_name(seal.blob);
        fixture.tpm.run([&](tpm::Connection& c) {
            CHECK_THROWS_AS(tpm::unseal(c, {thief.parent, seal.blob, name}), tpm::Error);
            for (const Bytes& guess :
                 {Bytes{}, seal.challenge, crypto::sha256({seal.challenge}), Bytes(32, 0x00)}) {
                CHECK_FALSE(tpm::unseal_by_value(c, thief.parent, seal.blob, guess));
            }
        });
    }
}

TEST_CASE("Attack: the admin key is in no file, opened or not") {
    CardFixture fixture;
    const Thief thief(fixture.folder, fixture.tpm);
    const Bytes key = default_admin_key(AdminAlgorithm::tdes);
    const std::string in_hex = to_hex(key);
    for (const std::string& name : thief.files->names()) {
        CAPTURE(name);
        const auto raw = thief.folder.read(name);
        REQUIRE(raw);
        CHECK_FALSE(contains(*raw, key));
        if (name == "identity" || name == "indices")
            continue; // in the clear
        const auto opened = thief.files->read(name);
        REQUIRE(opened);
        CHECK_FALSE(contains(opened->view(), key));
        CHECK_FALSE(contains(opened->view(), as_bytes(in_hex)));
    }
}

TEST_CASE("a right answer opens the admin key and spends the challenge") {
    CardFixture fixture;
    AdminKey& key = fixture.card->admin_key();
    const Bytes challenge = key.challenge(AdminProof::encrypts);
    CHECK_FALSE(key.check(AdminProof::decrypts, challenge, encrypted(challenge)));
    REQUIRE(key.check(AdminProof::encrypts, challenge, encrypted(challenge)));
    CHECK_FALSE(key.check(AdminProof::encrypts, challenge, encrypted(challenge)));
    fixture.reopen();
    CHECK_FALSE(
        fixture.card->admin_key().check(AdminProof::encrypts, challenge, encrypted(challenge)));
    const AdminRecord record = AdminRecord::read(*Thief(fixture.folder, fixture.tpm).files);
    CHECK(record.seals.size() == 8);
    CHECK(std::none_of(record.seals.begin(), record.seals.end(),
                       [&](const AnswerSeal& seal) { return seal.challenge == challenge; }));
}

TEST_CASE("Attack: asking for challenges until none is left") {
    CardFixture fixture;
    AdminKey& key = fixture.card->admin_key();
    Bytes before;
    std::set<Bytes> seen;
    for (int i = 0; i < 1000; ++i) {
        const Bytes challenge = key.challenge(AdminProof::encrypts);
        CHECK(challenge != before);
        seen.insert(challenge);
        before = challenge;
    }
    CHECK(seen.size() == 4);
    CHECK(key.check(AdminProof::encrypts, before, encrypted(before)));
}

TEST_CASE("a changed admin key is under challenges of its own") {
    CardFixture fixture;
    AdminKey& key = fixture.card->admin_key();
    const Bytes challenge = key.challenge(AdminProof::encrypts);
    const auto session = key.check(AdminProof::encrypts, challenge, encrypted(challenge));
    REQUIRE(session);
    const AdminRecord old = AdminRecord::read(*Thief(fixture.folder, fixture.tpm).files);
    const Bytes new_key = crypto::random_bytes(32);
    key.change(*session, AdminAlgorithm::aes256, new_key);
    const AdminRecord record = AdminRecord::read(*Thief(fixture.folder, fixture.tpm).files);
    for (const AnswerSeal& seal : record.seals) {
        CHECK(std::none_of(old.seals.begin(), old.seals.end(), [&](const AnswerSeal& other) {
            return other.challenge == seal.challenge;
        }));
    }
    fixture.reopen();
    const Bytes next = fixture.card->admin_key().challenge(AdminProof::encrypts);
    CHECK(next.size() == 16);
    CHECK(fixture.card->admin_key().check(
        AdminProof::encrypts, next,
        crypto::block_encrypt(crypto::BlockCipher::aes, new_key, next)));
}
