// SPDX-License-Identifier: Apache-2.0
//
// Setting a new PIN by the answer to a challenge. The attacker is root: he has the card's files,
// the whole TPM and every challenge, but neither the admin key nor the authority's private key.
#include "tests/catch.hpp"
#include "tests/tpm/card_fixture.hpp"
#include "tests/tpm/reset_authority_key.hpp"
#include "tests/tpm/thief.hpp"

#include "base/admin_cipher.hpp"
#include "base/verifying_key.hpp"
#include "card/errors.hpp"
#include "card/records.hpp"
#include "tpm/error.hpp"
#include "tpm/nv.hpp"
#include "tpm/policy_session.hpp"
#include "tpm/signed_reset.hpp"
#include "tpm/tpm2b.hpp"

#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>
#include <mbedtls/version.h>

using namespace tpmvsc;
using namespace tpmvsc::card;
using Result = PinOutcome::Result;

namespace {

const Bytes new_pin = to_bytes(as_bytes("654321"));
const Bytes other_pin = to_bytes(as_bytes("111999"));

/// Cards whose PIN may be reset by the authority, or by the admin key.
struct UnblockFixture {
    UnblockFixture() {
        add("Far away", [](CreateOptions&) {});
    }

    /// A card with the authority's key, or as `change` has it.
    Identity add(const std::string& name, const std::function<void(CreateOptions&)>& change) {
        CreateOptions options;
        options.name = name;
        options.pin = SecretBytes(as_bytes("123456"));
        options.admin_key = SecretBytes(default_admin_key(options.admin_algorithm));
        options.reset_authority = authority.public_key();
        change(options);
        const Identity identity = create(store, tpm, std::move(options), {});
        folder = store.path() + "/" + to_hex(identity.id);
        reopen();
        return identity;
    }
    void reopen() {
        card = Card::open(folder, tpm, Card::default_pin_session, [this] { return now; });
    }
    ResetChallenge begin() { return card->begin_remote_unblock(ResetParty::authority).value(); }
    Result verify(ByteView pin) { return card->verify_pin(pin).result; }
    void block() {
        while (card->tries(PinKind::pin).left > 0)
            card->verify_pin(as_bytes("000000"));
    }
    Result finish(ByteView answer, ByteView pin) {
        return card->finish_remote_unblock(answer, pin).result;
    }
    /// Answers a new challenge as the authority does.
    Result reset(ByteView pin) {
        return finish(authority.answer(card->begin_remote_unblock(ResetParty::authority).value()),
                      pin);
    }
    std::uint64_t commands(const std::function<void()>& work) {
        const auto before = tpm.command_count();
        work();
        return tpm.command_count() - before;
    }

    test::Swtpm swtpm;
    tpm::Tpm tpm{swtpm.tcti(), std::chrono::seconds(2)};
    Store store{swtpm.folder() + "/cards"};
    ResetAuthorityKey authority;
    std::string folder;
    BootTime now{"this run", std::chrono::hours(1)};
    std::unique_ptr<Card> card;
};

/// What the thief has of a card with an authority.
struct StolenGrant : Thief {
    explicit StolenGrant(UnblockFixture& f)
        : Thief(f.folder, f.tpm), pins(PinRecord::read(*files)), grant(*pins.grant),
          value(crypto::sha256_secret({pins.salt, pins.grant_value})),
          signer(*crypto::VerifyingKey::parse(pins.reset_authority)),
          policy_ref(reset_policy_ref(identity.identity.serial)) {}

    tpm::PinCheck use(UnblockFixture& f) {
        tpm::PinCheck check{};
        f.tpm.run([&](tpm::Connection& c) {
            check =
                tpm::check_pin(c, parent, grant, value.view(), std::chrono::seconds(60), nullptr);
        });
        return check;
    }
    tpm::PinCount count(UnblockFixture& f) const {
        tpm::PinCount result;
        f.tpm.run([&](tpm::Connection& c) { result = tpm::read_count(c, parent, grant); });
        return result;
    }

    PinRecord pins;
    tpm::PinIndex grant;
    SecretBytes value;
    tpm::Signer signer;
    Bytes policy_ref;
};

std::optional<tpm::Fault> fault_of(tpm::Tpm& tpm,
                                   const std::function<void(tpm::Connection&)>& attack) {
    std::optional<tpm::Fault> fault;
    tpm.run([&](tpm::Connection& c) {
        try {
            attack(c);
        } catch (const tpm::Error& error) {
            c.policy_left_over();
            fault = error.fault();
        }
    });
    return fault;
}

/// The policy of writing the grant's one content, computed here once more.
void satisfy_grant(tpm::Connection& c, const tpm::Session& session, const StolenGrant& thief,
                   ByteView signature) {
    {
        const tpm::TransientObject key(c, thief.signer.load(c));
        tpm::policy_signed(c, session, key.handle(), thief.signer.signature(signature),
                           {thief.policy_ref, reset_answer_life});
    }
    const Bytes parameters = from_hex("000800000000000000020000").value();
    tpm::policy_cp_hash(c, session,
                        crypto::sha256({big_endian32(TPM2_CC_NV_Write), thief.grant.name,
                                        thief.grant.name, parameters}));
    tpm::policy_authorize(c, session, thief.grant.grant.policy, thief.grant.creator_name,
                          thief.grant.grant.ticket);
    tpm::policy_or(c, session, thief.grant.branches);
}

/// An RSA key pair of the help desk.
class RsaAuthority {
  public:
    explicit RsaAuthority(unsigned bits) {
        mbedtls_pk_init(&key_);
        REQUIRE(mbedtls_pk_setup(&key_, mbedtls_pk_info_from_type(MBEDTLS_PK_RSA)) == 0);
        REQUIRE(mbedtls_rsa_gen_key(mbedtls_pk_rsa(key_), random, nullptr, bits, 65537) == 0);
    }
    ~RsaAuthority() { mbedtls_pk_free(&key_); }
    RsaAuthority(const RsaAuthority&) = delete;
    RsaAuthority& operator=(const RsaAuthority&) = delete;

    Bytes public_key() {
        Bytes buffer(2048);
        const int size = mbedtls_pk_write_pubkey_der(&key_, buffer.data(), buffer.size());
        REQUIRE(size > 0);
        return to_bytes(ByteView(buffer).last(static_cast<std::size_t>(size)));
    }
    Bytes answer(const ResetChallenge& challenge) {
        const Bytes digest = signed_digest(challenge);
        Bytes signature(MBEDTLS_PK_SIGNATURE_MAX_SIZE);
        std::size_t size = 0;
#if MBEDTLS_VERSION_NUMBER < 0x03000000
        REQUIRE(mbedtls_pk_sign(&key_, MBEDTLS_MD_SHA256, digest.data(), digest.size(),
                                signature.data(), &size, random, nullptr) == 0);
#else
        REQUIRE(mbedtls_pk_sign(&key_, MBEDTLS_MD_SHA256, digest.data(), digest.size(),
                                signature.data(), signature.size(), &size, random, nullptr) == 0);
#endif
        signature.resize(size);
        return signature;
    }

  private:
    static int random(void*, unsigned char* target, std::size_t size) {
        crypto::random_fill({target, size});
        return 0;
    }
    mbedtls_pk_context key_;
};

} // namespace

TEST_CASE("the authority's answer sets a new PIN and restores the tries") {
    UnblockFixture f;
    CHECK(f.card->reset_parties() == ResetParties{false, false, true});
    f.block();
    REQUIRE(f.verify(as_bytes("123456")) == Result::blocked);
    CHECK(f.reset(new_pin) == Result::right);
    CHECK_FALSE(f.card->logged_in());
    CHECK(f.card->tries(PinKind::pin).left == 3);
    CHECK(f.verify(new_pin) == Result::right);
    CHECK(f.verify(as_bytes("123456")) == Result::wrong);
    // And again, with the next one.
    CHECK(f.reset(other_pin) == Result::right);
    CHECK(f.verify(other_pin) == Result::right);
}

TEST_CASE("an authority stands beside a PUK, and either resets") {
    UnblockFixture f;
    f.add("Both", [](CreateOptions& options) { options.puk = SecretBytes(as_bytes("12345678")); });
    CHECK(f.card->reset_parties() == ResetParties{true, false, true});
    f.block();
    CHECK(f.reset(new_pin) == Result::right);
    CHECK(f.card->reset_pin_by_puk(as_bytes("12345678"), other_pin).right());
    CHECK(f.verify(other_pin) == Result::right);
    CHECK_FALSE(f.card->begin_remote_unblock(ResetParty::admin_key));
}

TEST_CASE("an RSA key may be the authority") {
    UnblockFixture f;
    RsaAuthority authority(2048);
    f.add("RSA", [&](CreateOptions& options) { options.reset_authority = authority.public_key(); });
    f.block();
    const auto challenge = f.card->begin_remote_unblock(ResetParty::authority).value();
    CHECK(f.finish(authority.answer(challenge), new_pin) == Result::right);
    CHECK(f.verify(new_pin) == Result::right);
}

TEST_CASE("a key that the TPM cannot take is refused at creation, with nothing left behind") {
    UnblockFixture f;
    RsaAuthority authority(4096); // swtpm knows RSA up to 3072 bits
    const auto before = tpm::read_facts(f.tpm).nv_indices;
    CHECK_THROWS_AS(
        f.add("Too large",
              [&](CreateOptions& options) { options.reset_authority = authority.public_key(); }),
        tpm::Error);
    CHECK(tpm::read_facts(f.tpm).nv_indices == before);
}

TEST_CASE("the authority's challenge waits over restarts of the driver, not of the TPM") {
    UnblockFixture f;
    const auto challenge = f.card->begin_remote_unblock(ResetParty::authority).value();
    f.tpm.close();
    f.reopen();
    CHECK(f.card->pending_remote_unblock() == challenge);
    CHECK(f.finish(f.authority.answer(challenge), new_pin) == Result::right);
    CHECK_FALSE(f.card->pending_remote_unblock());

    const auto lost = f.card->begin_remote_unblock(ResetParty::authority).value();
    f.tpm.close();
    f.swtpm.stop();
    f.swtpm.start();
    CHECK(f.finish(f.authority.answer(lost), other_pin) == Result::absent);
    CHECK(f.verify(new_pin) == Result::right);
}

TEST_CASE("a slip of the tongue does not cost the challenge") {
    UnblockFixture f;
    const auto challenge = f.card->begin_remote_unblock(ResetParty::authority).value();
    Bytes answer = f.authority.answer(challenge);
    answer.front() ^= 1;
    CHECK(f.finish(answer, new_pin) == Result::wrong);
    CHECK(f.finish({}, new_pin) == Result::wrong);
    answer.front() ^= 1;
    CHECK(f.finish(answer, new_pin) == Result::right);
}

TEST_CASE("a challenge is given out again for ten minutes, so that nobody makes it void") {
    UnblockFixture f;
    const auto first = f.begin();
    f.now.since += std::chrono::minutes(9);
    CHECK(f.commands([&] { CHECK(f.begin() == first); }) == 0);
    f.now.since += std::chrono::minutes(2);
    const auto second = f.begin();
    CHECK(second != first);
    CHECK(f.finish(f.authority.answer(first), new_pin) == Result::wrong);
    CHECK(f.finish(f.authority.answer(second), new_pin) == Result::right);
}

TEST_CASE("many challenges that nobody answers leave nothing in the TPM") {
    UnblockFixture f;
    for (unsigned i = 0; i < 70; ++i) { // a TPM has 64 sessions
        REQUIRE_NOTHROW(f.begin());
        f.now.since += std::chrono::minutes(11);
    }
    CHECK(f.reset(new_pin) == Result::right);
}

TEST_CASE("a challenge that nobody has answered in an hour is let go of when the card is opened") {
    UnblockFixture f;
    f.begin();
    f.now.since += std::chrono::minutes(59);
    f.reopen();
    CHECK(f.card->pending_remote_unblock());
    f.now.since += std::chrono::minutes(2);
    f.reopen();
    CHECK_FALSE(f.card->pending_remote_unblock());
    f.begin();
    f.now.run = "another";
    f.reopen();
    CHECK_FALSE(f.card->pending_remote_unblock());
}

TEST_CASE("letting go of a challenge spares the session that has its number now") {
    UnblockFixture f;
    f.begin();
    f.tpm.close();
    f.swtpm.stop();
    f.swtpm.start();
    const StolenGrant thief(f);
    f.tpm.run([&](tpm::Connection& c) { // as another program's, with the first handle
        c.policy_session(thief.parent);
    });
    f.now.since += std::chrono::minutes(11);
    REQUIRE_NOTHROW(f.begin());
    CHECK(f.verify(as_bytes("123456")) == Result::right);
}

TEST_CASE("an answer that was interrupted leaves no grant open") {
    UnblockFixture f;
    const auto challenge = f.begin();
    const StolenGrant thief(f);
    auto record = RemoteUnblockRecord::read(*thief.files).value();
    // As a power cut right after the TPM took the signature leaves it.
    record.granted = true;
    record.write(*thief.files);
    bool granted = false;
    f.tpm.run([&](tpm::Connection& c) {
        granted = tpm::write_grant(
            c, thief.grant, record.session,
            {thief.signer, thief.policy_ref, reset_answer_life, f.authority.answer(challenge)});
    });
    REQUIRE(granted);
    REQUIRE(thief.count(f).used == 0);
    f.reopen();
    f.card->tries(PinKind::pin);
    CHECK(thief.count(f).used == thief.count(f).limit);
    CHECK_FALSE(f.card->pending_remote_unblock());
}

TEST_CASE("the TPM hears no answer after its hour") {
    UnblockFixture f;
    const auto challenge = f.begin();
    const StolenGrant thief(f);
    const auto record = RemoteUnblockRecord::read(*thief.files).value();
    // The signature says how long it is good: a longer time is another signature.
    const auto longer = fault_of(f.tpm, [&](tpm::Connection& c) {
        tpm::write_grant(
            c, thief.grant, record.session,
            {thief.signer, thief.policy_ref, 2 * reset_answer_life, f.authority.answer(challenge)});
    });
    CHECK(longer == tpm::Fault::policy_failed);
    CHECK(thief.count(f).used == 2);
}

TEST_CASE("the holder of the admin key answers from far away, on a card that lets him") {
    const auto algorithm = GENERATE(AdminAlgorithm::tdes, AdminAlgorithm::aes128,
                                    AdminAlgorithm::aes192, AdminAlgorithm::aes256);
    UnblockFixture f;
    f.add("Admin", [&](CreateOptions& options) {
        options.reset_authority.clear();
        options.admin_resets_pin = true;
        options.admin_algorithm = algorithm;
        options.admin_key = SecretBytes(default_admin_key(algorithm));
    });
    CHECK_FALSE(f.card->begin_remote_unblock(ResetParty::authority));
    f.block();
    const auto challenge = f.card->begin_remote_unblock(ResetParty::admin_key).value();
    f.tpm.close();
    f.reopen();
    const Bytes answer = answer_challenge(challenge, default_admin_key(algorithm)).answer;
    Bytes wrong = answer;
    wrong.back() ^= 1;
    CHECK(f.finish(wrong, new_pin) == Result::wrong);
    CHECK(f.finish(answer, new_pin) == Result::right);
    CHECK(f.verify(new_pin) == Result::right);
    // Once: the challenge was replaced by another.
    CHECK(f.finish(answer, other_pin) == Result::absent);
    CHECK(f.verify(new_pin) == Result::right);
}

TEST_CASE("Attack: a spoken answer of the admin key with a copy of the card's folder") {
    UnblockFixture f;
    f.add("Admin", [&](CreateOptions& options) {
        options.reset_authority.clear();
        options.admin_resets_pin = true;
    });
    const auto challenge = f.card->begin_remote_unblock(ResetParty::admin_key).value();
    const Folder folder(f.folder);
    const Bytes admin = folder.read("admin").value();
    const Bytes pending = folder.read("remote-unblock").value();
    const Bytes answer =
        answer_challenge(challenge, default_admin_key(AdminAlgorithm::tdes)).answer;
    REQUIRE(f.finish(answer, new_pin) == Result::right);
    folder.write("admin", admin);
    folder.write("remote-unblock", pending);
    f.reopen();
    CHECK_THROWS_AS(f.finish(answer, other_pin), StorageError);
    CHECK(f.verify(new_pin) == Result::right);
}

TEST_CASE("wrong answers of the admin key are slowed down from afar as well") {
    UnblockFixture f;
    f.add("Admin", [&](CreateOptions& options) {
        options.reset_authority.clear();
        options.admin_resets_pin = true;
    });
    REQUIRE(f.card->begin_remote_unblock(ResetParty::admin_key));
    for (unsigned i = 0; i < 5; ++i)
        CHECK(f.finish(Bytes(8, static_cast<std::uint8_t>(i)), new_pin) == Result::wrong);
    CHECK(f.finish(Bytes(8, 0x77), new_pin) == Result::locked);
}

TEST_CASE("a card that nobody may reset gives no challenge") {
    UnblockFixture f;
    f.add("Nobody", [](CreateOptions& options) { options.reset_authority.clear(); });
    CHECK(f.card->reset_parties().none());
    CHECK_FALSE(f.card->begin_remote_unblock(ResetParty::authority));
    CHECK_FALSE(f.card->begin_remote_unblock(ResetParty::admin_key));
    CHECK(f.finish(Bytes(64, 1), new_pin) == Result::absent);
}

TEST_CASE("TPM commands of a reset by the authority") {
    UnblockFixture f;
    f.reset(other_pin);
    std::optional<ResetChallenge> challenge;
    CHECK(f.commands([&] { challenge = f.card->begin_remote_unblock(ResetParty::authority); }) ==
          2);
    const Bytes answer = f.authority.answer(*challenge);
    CHECK(f.commands([&] { f.finish(answer, new_pin); }) == 23);
}

TEST_CASE("Attack: an answer is replayed") {
    UnblockFixture f;
    const auto challenge = f.card->begin_remote_unblock(ResetParty::authority).value();
    const Bytes answer = f.authority.answer(challenge);
    const StolenGrant before(f);
    const auto record = RemoteUnblockRecord::read(*before.files).value();
    REQUIRE(f.finish(answer, new_pin) == Result::right);
    SECTION("to the card") {
        CHECK(f.finish(answer, other_pin) == Result::absent);
    }
    SECTION("to the next challenge") {
        f.card->begin_remote_unblock(ResetParty::authority);
        CHECK(f.finish(answer, other_pin) == Result::wrong);
    }
    SECTION("with the file of that time put back") {
        record.write(*before.files);
        f.reopen();
        CHECK(f.finish(answer, other_pin) == Result::absent);
    }
    SECTION("to the TPM") {
        bool granted = true;
        f.tpm.run([&](tpm::Connection& c) {
            granted =
                tpm::write_grant(c, before.grant, record.session,
                                 {before.signer, before.policy_ref, reset_answer_life, answer});
        });
        CHECK_FALSE(granted);
    }
    CHECK(f.verify(new_pin) == Result::right);
}

TEST_CASE("Attack: an answer for one card is used on another of the same TPM") {
    UnblockFixture f;
    const Identity first = f.card->identity();
    const auto mine = f.card->begin_remote_unblock(ResetParty::authority).value();
    const Bytes answer = f.authority.answer(mine);
    const StolenGrant thief(f);
    f.add("The other", [](CreateOptions&) {});
    REQUIRE(f.card->identity().serial != first.serial);
    f.card->begin_remote_unblock(ResetParty::authority);
    CHECK(f.finish(answer, new_pin) == Result::wrong);
    // Past the driver: a session and an answer of the one, with the index of the other.
    const StolenGrant other(f);
    const auto attempt = [&](const Bytes& reference, const tpm::PinIndex& policy_of) {
        return fault_of(f.tpm, [&](tpm::Connection& c) {
            const auto waiting = tpm::begin_signed_reset(c, thief.parent);
            const Bytes signature =
                f.authority.answer({ResetKind::authority, first.serial, waiting.nonce});
            tpm::PinIndex target = other.grant;
            target.grant = policy_of.grant;
            target.creator_name = policy_of.creator_name;
            tpm::write_grant(c, target, waiting,
                             {other.signer, reference, reset_answer_life, signature});
        });
    };
    // The other's reference was not signed; the one's is not in the other's policy.
    CHECK(attempt(other.policy_ref, other.grant) == tpm::Fault::policy_failed);
    CHECK(attempt(thief.policy_ref, other.grant) == tpm::Fault::bad_input);
    CHECK(attempt(thief.policy_ref, thief.grant) == tpm::Fault::bad_input);
    CHECK(other.count(f).used == 2);
    CHECK(f.verify(as_bytes("123456")) == Result::right);
}

TEST_CASE("Attack: the grant is used without a signature, or more than once") {
    UnblockFixture f;
    StolenGrant thief(f);
    CHECK(thief.use(f) == tpm::PinCheck::blocked);
    CHECK(f.reset(new_pin) == Result::right);
    CHECK(thief.count(f).used == thief.count(f).limit);
    CHECK(thief.use(f) == tpm::PinCheck::blocked);
    CHECK(thief.count(f).limit == 2);
}

TEST_CASE("Attack: a signature is used to write another grant, or something else") {
    UnblockFixture f;
    StolenGrant thief(f);
    // The right policy, all of it, and then another command than the one that was approved.
    const auto attempt = [&](const std::string& content, UINT16 offset) {
        return fault_of(f.tpm, [&](tpm::Connection& c) {
            const Bytes signature =
                f.authority.answer({ResetKind::authority, thief.identity.identity.serial,
                                    c.policy_session(thief.parent).nonce_tpm()});
            tpm::Session& session = c.policy_session(thief.parent);
            c.policy_left_over();
            satisfy_grant(c, session, thief, signature);
            const auto data = tpm::to_tpm2b<TPM2B_MAX_NV_BUFFER>(from_hex(content).value());
            c.executor().run({.name = "TPM2_NV_Write",
                              .code = TPM2_CC_NV_Write,
                              .names = {thief.grant.name, thief.grant.name},
                              .authorizations = {{.session = &session}}},
                             [&](TSS2_SYS_CONTEXT* sys) {
                                 return Tss2_Sys_NV_Write_Prepare(
                                     sys, thief.grant.handle, thief.grant.handle, &data, offset);
                             });
        });
    };
    CHECK(attempt("00000000000003E8", 0) == tpm::Fault::policy_failed);
    CHECK(attempt("00000000", 0) == tpm::Fault::policy_failed);
    CHECK(attempt("000003E8", 4) == tpm::Fault::policy_failed);
    CHECK(thief.count(f).used == 2);
    CHECK(thief.count(f).limit == 2);
    CHECK_FALSE(attempt("0000000000000002", 0)); // the one that was
    CHECK(thief.count(f).used == 0);
}

TEST_CASE("Attack: a grant is written by a key of one's own, and by the owner") {
    UnblockFixture f;
    const ResetAuthorityKey mine;
    StolenGrant thief(f);
    const tpm::Signer signer(*crypto::VerifyingKey::parse(mine.public_key()));
    const auto fault = fault_of(f.tpm, [&](tpm::Connection& c) {
        const auto waiting = tpm::begin_signed_reset(c, thief.parent);
        const ResetChallenge challenge{ResetKind::authority, thief.identity.identity.serial,
                                       waiting.nonce};
        tpm::write_grant(c, thief.grant, waiting,
                         {signer, thief.policy_ref, reset_answer_life, mine.answer(challenge)});
    });
    CHECK(fault == tpm::Fault::bad_input);
    const auto forged = fault_of(f.tpm, [&](tpm::Connection& c) {
        const auto waiting = tpm::begin_signed_reset(c, thief.parent);
        tpm::write_grant(c, thief.grant, waiting,
                         {thief.signer, thief.policy_ref, reset_answer_life, Bytes(64, 0x11)});
    });
    CHECK(forged == tpm::Fault::policy_failed); // the TPM's own look at the signature
    const auto by_owner = fault_of(f.tpm, [&](tpm::Connection& c) {
        const auto data = tpm::to_tpm2b<TPM2B_MAX_NV_BUFFER>(from_hex("00000000000003E8").value());
        c.executor().run({.name = "TPM2_NV_Write",
                          .code = TPM2_CC_NV_Write,
                          .names = {tpm::handle_name(TPM2_RH_OWNER), thief.grant.name},
                          .authorizations = {{}}},
                         [&](TSS2_SYS_CONTEXT* sys) {
                             return Tss2_Sys_NV_Write_Prepare(sys, TPM2_RH_OWNER,
                                                              thief.grant.handle, &data, 0);
                         });
    });
    CHECK(by_owner);
    CHECK(thief.use(f) == tpm::PinCheck::blocked);
    CHECK(f.verify(as_bytes("123456")) == Result::right);
}

TEST_CASE("Attack: the grant's index is defined anew") {
    UnblockFixture f;
    StolenGrant thief(f);
    tpm::PinIndex mine;
    f.tpm.run([&](tpm::Connection& c) {
        REQUIRE(tpm::remove_index(c, thief.grant.handle, thief.grant.name, {}));
        mine = tpm::NewPinIndex(c, thief.parent, {},
                                {.auth_value = thief.value.view(),
                                 .limit = 1000,
                                 .kind = tpm::PinIndexKind::pin_fail})
                   .index();
    });
    mine.handle = thief.grant.handle;
    const auto fault = fault_of(f.tpm, [&](tpm::Connection& c) {
        tpm::unblock_pin(c, thief.parent, thief.pins.pin, mine, thief.value.view(), Bytes(32, 1));
    });
    CHECK(fault);
    CHECK(f.verify(as_bytes("123456")) == Result::right);
}

TEST_CASE("The authority is held to the card's rules and its history, too") {
    UnblockFixture f;
    f.add("Remembers", [](CreateOptions& options) {
        options.pin_rules.history = 2;
        options.pin_rules.no_trivial = true;
    });
    const StolenGrant thief(f);
    const auto used_up = [&] {
        const tpm::PinCount count = thief.count(f);
        return count.used == count.limit;
    };
    const auto challenge = f.card->begin_remote_unblock(ResetParty::authority);
    const Bytes answer = f.authority.answer(challenge.value());
    f.block();
    // Against the rules: nothing was tried, the answer is good for another PIN.
    CHECK(f.finish(answer, as_bytes("123123")) == Result::refused);
    CHECK(f.card->pending_remote_unblock());
    CHECK(f.finish(answer, as_bytes("739164")) == Result::right);
    CHECK(used_up());
    CHECK(f.verify(as_bytes("739164")) == Result::right);
    // In the history: that is told to who was right, once.
    CHECK(f.reset(as_bytes("739164")) == Result::refused);
    CHECK(used_up());
    CHECK_FALSE(f.card->pending_remote_unblock());
    CHECK(f.reset(as_bytes("802573")) == Result::right);
    CHECK(used_up());
    CHECK(f.card->change(PinKind::pin, as_bytes("802573"), as_bytes("739164")).result ==
          Result::refused);
    CHECK(f.card->change(PinKind::pin, as_bytes("802573"), as_bytes("481956")).right());
    CHECK(f.reset(as_bytes("739164")) == Result::right);
}
