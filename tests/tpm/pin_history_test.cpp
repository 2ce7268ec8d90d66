// SPDX-License-Identifier: Apache-2.0
#include "tests/catch.hpp"
#include "tests/tpm/card_fixture.hpp"
#include "tests/tpm/thief.hpp"

#include "base/crypto.hpp"
#include "card/pin_history.hpp"
#include "card/records.hpp"
#include "tpm/error.hpp"
#include "tpm/party_seal.hpp"
#include "tpm/pin_index.hpp"
#include "tpm/policy_session.hpp"

// The history of PINs: what it costs, interruptions, and attacks on it by who has the card's files,
// root and the TPM, but neither PIN nor PUK.

using namespace tpmvsc;
using namespace tpmvsc::card;
using Result = PinOutcome::Result;

namespace {

constexpr std::chrono::seconds minute{60};

/// RememberingCard is a card that refuses its last PINs.
struct RememberingCard {
    explicit RememberingCard(unsigned history = 3, const std::string& puk = "12345678",
                             Profile profile = Profile::piv, bool blank = false) {
        CreateOptions options;
        options.name = "Remembers";
        options.profile = profile;
        options.blank = blank;
        options.pin = SecretBytes(as_bytes("111111"));
        options.puk = SecretBytes(as_bytes(puk));
        options.admin_resets_pin = profile == Profile::gids && puk.empty();
        options.admin_key = SecretBytes(default_admin_key(AdminAlgorithm::tdes));
        options.pin_rules.history = history;
        const Identity identity = create(store, tpm, std::move(options), {});
        path = store.path() + "/" + to_hex(identity.id);
        reopen();
    }
    void reopen() { card = Card::open(path, tpm); }
    Result change(const std::string& from, const std::string& to) {
        return card->change(PinKind::pin, as_bytes(from), as_bytes(to)).result;
    }
    Result unblock(const std::string& puk, const std::string& to) {
        return card->reset_pin_by_puk(as_bytes(puk), as_bytes(to)).result;
    }
    AdminSession administrator() {
        const Bytes challenge = card->admin_key().challenge(AdminProof::encrypts);
        const Bytes answer = crypto::block_encrypt(
            crypto::BlockCipher::tdes, default_admin_key(AdminAlgorithm::tdes), challenge);
        auto session = card->admin_key().check(AdminProof::encrypts, challenge, answer);
        REQUIRE(session);
        return std::move(*session);
    }
    std::uint64_t commands(const std::function<void()>& action) {
        const std::uint64_t before = tpm.command_count();
        action();
        return tpm.command_count() - before;
    }

    test::Swtpm swtpm;
    tpm::Tpm tpm{swtpm.tcti(), std::chrono::seconds(2)};
    Store store{swtpm.folder() + "/cards"};
    std::string path;
    std::unique_ptr<Card> card;
};

/// Insider is who holds the PIN and works on the TPM and the files by himself, as far as he likes.
struct Insider : Thief {
    Insider(RememberingCard& remembering, const std::string& pin)
        : Thief(remembering.path, remembering.tpm), machine(remembering.tpm),
          pins(PinRecord::read(*files)) {
        const SecretBytes value = auth_value(pin);
        machine.run([&](tpm::Connection& c) {
            REQUIRE(tpm::check_pin(c, parent, pins.pin, value.view(), minute, &ticket) ==
                    tpm::PinCheck::right);
        });
    }
    SecretBytes auth_value(const std::string& pin) const {
        return crypto::sha256_secret({pins.salt, as_bytes(pin)});
    }
    PinHistory::TpmRunner runner() {
        return [this](const std::function<void(tpm::Connection&)>& work) { machine.run(work); };
    }
    /// Notes a PIN as about to be set, as the card does before it asks the TPM.
    void note(const std::string& pin) {
        PinHistory history = PinHistory::open(
            *files, parent, runner(), [this](tpm::Connection& c, tpm::Session& policy) {
                tpm::policy_ticket(c, policy, ticket, pins.pin.name);
            });
        REQUIRE(history.note(as_bytes(pin)));
        history.store(*files, parent, runner());
    }
    /// Has the TPM change it, and no file tell of it.
    void set(const std::string& pin) {
        const SecretBytes value = auth_value(pin);
        machine.run([&](tpm::Connection& c) {
            tpm::change_pin(c, parent, pins.pin, ticket, value.view());
        });
    }

    tpm::Tpm& machine;
    PinRecord pins;
    tpm::Ticket ticket;
};

} // namespace

TEST_CASE("A change of the PIN costs what it says, with a history and without") {
    RememberingCard without(0);
    REQUIRE(without.change("111111", "222222") == Result::right);
    CHECK(without.commands([&] { CHECK(without.change("222222", "333333") == Result::right); }) ==
          9);
    CHECK(without.commands([&] { CHECK(without.change("000000", "444444") == Result::wrong); }) <=
          2);
    CHECK(without.commands(
              [&] { CHECK(without.unblock("12345678", "555555") == Result::right); }) == 9);
    RememberingCard with(3);
    REQUIRE(with.change("111111", "222222") == Result::right);
    CHECK(with.commands([&] { CHECK(with.change("222222", "333333") == Result::right); }) == 16);
    CHECK(with.commands([&] { CHECK(with.change("000000", "444444") == Result::wrong); }) <= 2);
    CHECK(with.commands([&] { CHECK(with.change("333333", "111111") == Result::refused); }) == 5);
    CHECK(with.commands([&] { CHECK(with.unblock("12345678", "555555") == Result::right); }) == 16);
    CHECK(with.commands([&] { CHECK(with.card->verify_pin(as_bytes("555555")).right()); }) == 2);
}

TEST_CASE("A wrong PIN or PUK costs one try, and is told nothing of the history") {
    RememberingCard f;
    REQUIRE(f.change("111111", "222222") == Result::right);
    for (const unsigned left : {2u, 1u, 0u}) {
        const std::string candidate = left % 2 == 0 ? "111111" : "222222"; // in the history
        const PinOutcome outcome =
            f.card->change(PinKind::pin, as_bytes("999999"), as_bytes(candidate));
        CHECK(outcome.result == Result::wrong);
        CHECK(outcome.tries_left == left);
    }
    CHECK(f.change("222222", "111111") == Result::blocked);
    for (const unsigned left : {2u, 1u, 0u})
        CHECK(f.card->reset_pin_by_puk(as_bytes("99999999"), as_bytes("111111")).tries_left ==
              left);
    CHECK(f.unblock("12345678", "333333") == Result::blocked);
}

TEST_CASE("The admin key's holder is held to the history where he may reset the PIN") {
    RememberingCard f(2, "", Profile::gids);
    const AdminSession admin = f.administrator();
    CHECK(f.card->reset_pin_by_admin(admin, as_bytes("111111")).result == Result::refused);
    CHECK(f.card->reset_pin_by_admin(admin, as_bytes("222222")).right());
    CHECK(f.card->reset_pin_by_admin(admin, as_bytes("111111")).result == Result::refused);
    CHECK(f.card->reset_pin_by_admin(admin, as_bytes("333333")).right());
    CHECK(f.change("333333", "222222") == Result::refused);
    CHECK(f.change("333333", "111111") == Result::right);
}

TEST_CASE("A card that nobody can unblock has a history of its holder's alone") {
    RememberingCard f(1, "");
    REQUIRE(f.card->reset_parties().none());
    CHECK(f.change("111111", "111111") == Result::refused);
    CHECK(f.change("111111", "222222") == Result::right);
    CHECK(f.change("222222", "111111") == Result::right);
}

TEST_CASE("On a blank card the history begins with the first PIN") {
    RememberingCard f(3, "", Profile::gids, true);
    CHECK(f.card->set_initial(PinKind::pin, as_bytes("222222")).right());
    CHECK(f.card->set_initial(PinKind::pin, as_bytes("333333")).right());
    f.card->activate();
    f.reopen();
    CHECK(f.change("333333", "333333") == Result::refused);
    CHECK(f.change("333333", "222222") == Result::right);
    CHECK(f.change("222222", "111111") == Result::right);
}

TEST_CASE("A change that was cut off before the TPM had it is no part of the history") {
    RememberingCard f;
    REQUIRE(f.change("111111", "222222") == Result::right);
    Insider(f, "222222").note("333333");
    f.reopen();
    SECTION("who tries again is not refused") {
        CHECK(f.change("222222", "333333") == Result::right);
        CHECK(f.change("333333", "222222") == Result::refused);
        CHECK(f.change("333333", "111111") == Result::refused);
    }
    SECTION("nor is he by the PUK") {
        CHECK(f.unblock("12345678", "333333") == Result::right);
        CHECK(f.change("333333", "222222") == Result::refused);
    }
    SECTION("another new PIN: the one that never was may be set later") {
        CHECK(f.change("222222", "444444") == Result::right);
        CHECK(f.change("444444", "333333") == Result::right);
        CHECK(f.change("333333", "222222") == Result::refused);
    }
}

TEST_CASE("A change that was cut off after the TPM had it is part of the history") {
    RememberingCard f;
    REQUIRE(f.change("111111", "222222") == Result::right);
    {
        Insider insider(f, "222222");
        insider.note("333333");
        insider.set("333333");
    }
    f.reopen();
    SECTION("its holder goes on") {
        CHECK(f.change("333333", "333333") == Result::refused);
        CHECK(f.change("333333", "222222") == Result::refused);
        CHECK(f.change("333333", "444444") == Result::right);
        CHECK(f.change("444444", "333333") == Result::refused);
        CHECK(f.change("444444", "222222") == Result::refused);
        CHECK(f.change("444444", "111111") == Result::right);
    }
    SECTION("the PUK's holder goes on: he cannot say which one was in force") {
        CHECK(f.unblock("12345678", "222222") == Result::refused);
        CHECK(f.unblock("12345678", "444444") == Result::right);
        CHECK(f.unblock("12345678", "333333") == Result::refused);
    }
}

TEST_CASE("However often a reset is cut off, no PIN is pushed out of the history") {
    RememberingCard f(2);
    REQUIRE(f.change("111111", "222222") == Result::right);
    Insider insider(f, "222222");
    for (int i = 0; i < 70; ++i)
        insider.note(std::to_string(600000 + i));
    f.reopen();
    CHECK(f.unblock("12345678", "222222") == Result::refused);
    CHECK(f.unblock("12345678", "111111") == Result::refused);
    CHECK(f.unblock("12345678", "333333") == Result::right);
    CHECK(f.change("333333", "222222") == Result::refused);
}

TEST_CASE("A history that is lost or damaged keeps nobody from changing the PIN") {
    RememberingCard f;
    REQUIRE(f.change("111111", "222222") == Result::right);
    const Folder folder(f.path);
    SECTION("lost") {
        Thief(f.path, f.tpm).files->remove(PinHistory::file);
    }
    SECTION("damaged") {
        Bytes file = folder.read(PinHistory::file).value();
        file.back() ^= 1;
        folder.write(PinHistory::file, file);
    }
    f.reopen();
    CHECK(f.change("222222", "222222") == Result::refused);
    CHECK(f.change("222222", "333333") == Result::right);
    CHECK(f.change("333333", "222222") == Result::refused);
}

TEST_CASE("Attack: the history from the card's files, with the TPM and root") {
    RememberingCard f(3, "", Profile::gids);
    REQUIRE(f.change("111111", "222222") == Result::right);
    const Thief thief(f.path, f.tpm);
    const PinRecord pins = PinRecord::read(*thief.files);
    const auto record = parse_record(*thief.files, PinHistory::file);
    REQUIRE(record);
    const tpm::KeyBlob seal{record->bytes("seal_public").value(),
                            record->bytes("seal_private").value()};
    const std::vector<Bytes> parties{record->bytes("party_0").value(),
                                     record->bytes("party_1").value()};
    const tpm::Authority rightful = AdminRecord::read(*thief.files).authority;
    REQUIRE(parties == std::vector<Bytes>{pins.pin.name, rightful.name});
    const Bytes guess(32, 0x77);
    const auto open = [&](const std::vector<Bytes>& claimed, const tpm::PolicyStep& step) {
        f.tpm.run([&](tpm::Connection& c) {
            CHECK_THROWS_AS(tpm::unseal_as_party(c, thief.parent, seal, claimed, step), tpm::Error);
        });
    };

    SECTION("as nobody, or as whoever may use the object without a value") {
        open(parties, [](tpm::Connection&, tpm::Session&) {});
        f.tpm.run([&](tpm::Connection& c) {
            const Bytes name = tpm::object_name(seal);
            CHECK_THROWS_AS(tpm::unseal(c, {thief.parent, seal, name}), tpm::Error);
        });
    }
    SECTION("as the administrator, without his value") {
        open(parties, [&](tpm::Connection& c, tpm::Session& policy) {
            tpm::policy_authority(c, thief.parent, policy, rightful, guess);
        });
    }
    SECTION("as an authority of his own, with its name among the parties") {
        tpm::Authority forged;
        f.tpm.run(
            [&](tpm::Connection& c) { forged = tpm::create_authority(c, thief.parent, guess); });
        const auto as_forged = [&](tpm::Connection& c, tpm::Session& policy) {
            tpm::policy_authority(c, thief.parent, policy, forged, guess);
        };
        open(parties, as_forged);
        open({pins.pin.name, forged.name}, as_forged);
        open({forged.name}, as_forged);
    }
    SECTION("by a ticket of another PIN index of his own") {
        tpm::PinIndex own;
        f.tpm.run([&](tpm::Connection& c) {
            own = tpm::NewPinIndex(c, thief.parent, {}, {guess, 3}).index();
        });
        tpm::Ticket ticket;
        f.tpm.run([&](tpm::Connection& c) {
            REQUIRE(tpm::check_pin(c, thief.parent, own, guess, minute, &ticket) ==
                    tpm::PinCheck::right);
        });
        for (const Bytes& name : {own.name, pins.pin.name})
            open(parties, [&](tpm::Connection& c, tpm::Session& policy) {
                tpm::policy_ticket(c, policy, ticket, name);
            });
    }
    SECTION("by guessing the PIN: as many guesses as the card has tries") {
        unsigned guesses = 0;
        tpm::PinCheck answer = tpm::PinCheck::wrong;
        while (answer == tpm::PinCheck::wrong && guesses < 20) {
            const SecretBytes value =
                crypto::sha256_secret({pins.salt, as_bytes(std::to_string(700000 + guesses))});
            tpm::Ticket ticket;
            f.tpm.run([&](tpm::Connection& c) {
                answer = tpm::check_pin(c, thief.parent, pins.pin, value.view(), minute, &ticket);
            });
            guesses += answer == tpm::PinCheck::wrong ? 1 : 0;
        }
        CHECK(guesses == 3);
        return;
    }
    CHECK(f.card->verify_pin(as_bytes("222222")).right());
}

TEST_CASE("Attack: on a card with a PUK the admin key's holder does not open the history") {
    RememberingCard f;
    const AdminSession admin = f.administrator();
    const Thief thief(f.path, f.tpm);
    const tpm::Authority authority = AdminRecord::read(*thief.files).authority;
    CHECK_THROWS_AS(PinHistory::open(
                        *thief.files, thief.parent,
                        [&](const std::function<void(tpm::Connection&)>& work) { f.tpm.run(work); },
                        [&](tpm::Connection& c, tpm::Session& policy) {
                            tpm::policy_authority(c, thief.parent, policy, authority,
                                                  admin.authority_value());
                        }),
                    tpm::Error);
}

TEST_CASE("Attack: the key of one history does not open the next") {
    RememberingCard f;
    const auto list_of = [&] {
        return parse_record(*Thief(f.path, f.tpm).files, PinHistory::file)->bytes("list").value();
    };
    SecretBytes key;
    {
        // Root looks on while the owner changes the PIN.
        Insider insider(f, "111111");
        const auto record = parse_record(*insider.files, PinHistory::file);
        const tpm::KeyBlob seal{record->bytes("seal_public").value(),
                                record->bytes("seal_private").value()};
        const std::vector<Bytes> parties{record->bytes("party_0").value(),
                                         record->bytes("party_1").value()};
        f.tpm.run([&](tpm::Connection& c) {
            key = tpm::unseal_as_party(
                c, insider.parent, seal, parties, [&](tpm::Connection&, tpm::Session& policy) {
                    tpm::policy_ticket(c, policy, insider.ticket, insider.pins.pin.name);
                });
        });
    }
    REQUIRE(crypto::gcm_open(key.view(), as_bytes(PinHistory::file), list_of()));
    REQUIRE(f.change("111111", "222222") == Result::right);
    CHECK_FALSE(crypto::gcm_open(key.view(), as_bytes(PinHistory::file), list_of()));
}
