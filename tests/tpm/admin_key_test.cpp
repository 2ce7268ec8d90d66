// SPDX-License-Identifier: Apache-2.0
#include "tests/catch.hpp"
#include "tests/tpm/card_fixture.hpp"
#include "tests/tpm/thief.hpp"

#include "base/crypto.hpp"
#include "card/errors.hpp"
#include "card/records.hpp"
#include "tpm/error.hpp"
#include "tpm/objects.hpp"
#include "tpm/value_seal.hpp"

#include <algorithm>
#include <filesystem>
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
    REQUIRE(record.seals.size() == 9);
    for (const AnswerSeal& seal : record.seals) {
        // As whoever may use the object without a value, and with values that are at hand.
        const Bytes name = tpm::object_name(seal.blob);
        fixture.tpm.run([&](tpm::Connection& c) {
            CHECK_THROWS_AS(tpm::unseal(c, {thief.parent, seal.blob, name}), tpm::Error);
            for (const Bytes& guess :
                 {Bytes{}, seal.challenge, crypto::sha256({seal.challenge}), Bytes(32, 0x00)}) {
                CHECK_FALSE(tpm::unseal_by_value(c, thief.parent, seal.blob, guess, record.epoch,
                                                 record.count));
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
    CHECK(record.seals.size() == 9);
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

namespace {

/// Somebody's copy of the file "admin".
struct OldCopy {
    explicit OldCopy(CardFixture& fixture)
        : folder(fixture.folder), contents(folder.read("admin").value()) {}
    void put_back(CardFixture& fixture) {
        folder.write("admin", contents);
        fixture.reopen();
    }
    Folder folder;
    Bytes contents;
};

std::optional<AdminSession> answer(AdminKey& key) {
    const Bytes challenge = key.challenge(AdminProof::encrypts);
    return key.check(AdminProof::encrypts, challenge, encrypted(challenge));
}

} // namespace

TEST_CASE("Attack: an old copy of the card's folder brings the former admin key back") {
    CardFixture fixture;
    OldCopy before(fixture);
    const auto session = answer(fixture.card->admin_key());
    REQUIRE(session);
    fixture.card->admin_key().change(*session, AdminAlgorithm::tdes, crypto::random_bytes(24));
    before.put_back(fixture);
    // Who knows the former key has the right answer, and the TPM does not open the seal.
    CHECK_THROWS_AS(answer(fixture.card->admin_key()), StorageError);
    const Thief thief(fixture.folder, fixture.tpm);
    const AdminRecord record = AdminRecord::read(*thief.files);
    for (const std::uint64_t count : {record.count, record.count + 1}) {
        for (const AnswerSeal& seal : record.seals) {
            const SecretBytes value =
                crypto::sha256_secret({seal.challenge, encrypted(seal.challenge)});
            fixture.tpm.run([&](tpm::Connection& c) {
                CHECK_THROWS_AS(tpm::unseal_by_value(c, thief.parent, seal.blob, value.view(),
                                                     record.epoch, count),
                                tpm::Error);
            });
        }
    }
}

TEST_CASE("Attack: the count behind the admin key is made anew") {
    CardFixture fixture;
    const Thief thief(fixture.folder, fixture.tpm);
    const AdminRecord old = AdminRecord::read(*thief.files);
    const auto session = answer(fixture.card->admin_key());
    REQUIRE(session);
    fixture.card->admin_key().change(*session, AdminAlgorithm::tdes, crypto::random_bytes(24));
    const AnswerSeal& seal = old.seals.front();
    const SecretBytes value = crypto::sha256_secret({seal.challenge, encrypted(seal.challenge)});
    fixture.tpm.run([&](tpm::Connection& c) {
        REQUIRE(tpm::remove_index(c, old.epoch.handle, old.epoch.name, {}));
        const tpm::Epoch mine = tpm::create_epoch(c, thief.parent, {}, [](auto, auto, auto) {});
        REQUIRE(mine.handle == old.epoch.handle);
        CHECK(mine.name == old.epoch.name);
        CHECK(tpm::read_epoch(c, thief.parent, mine) > old.count);
        CHECK_THROWS_AS(
            tpm::unseal_by_value(c, thief.parent, seal.blob, value.view(), mine, old.count),
            tpm::Error);
    });
}

TEST_CASE("an admin key's change that was interrupted before the TPM heard of it is made good") {
    CardFixture fixture;
    const auto session = answer(fixture.card->admin_key());
    REQUIRE(session);
    fixture.tpm.close();
    fixture.swtpm.stop();
    const std::string state = fixture.swtpm.folder() + "/state/tpm2-00.permall";
    std::filesystem::copy_file(state, state + ".before");
    fixture.swtpm.start();
    // The same key again, so that encrypted() answers.
    fixture.card->admin_key().change(*session, AdminAlgorithm::tdes,
                                     default_admin_key(AdminAlgorithm::tdes));
    CHECK(answer(fixture.card->admin_key()));
    fixture.tpm.close();
    fixture.swtpm.stop();
    std::filesystem::rename(state + ".before", state);
    fixture.swtpm.start();
    fixture.reopen();
    CHECK(answer(fixture.card->admin_key()));
    CHECK(answer(fixture.card->admin_key()));
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
