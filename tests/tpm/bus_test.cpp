// SPDX-License-Identifier: Apache-2.0
//
// The attacker of these tests listens on the TPM's bus: every byte of every command and answer is
// recorded, and then searched for what must never be there.
#include "tests/catch.hpp"
#include "tests/tpm/bus_listener.hpp"
#include "tests/tpm/rsa_sample.hpp"

#include "base/crypto.hpp"
#include "card/card.hpp"
#include "card/create.hpp"
#include "card/identity_file.hpp"
#include "card/pin_envelope.hpp"
#include "card/records.hpp"
#include "tpm/connection.hpp"
#include "tpm/create_object.hpp"
#include "tpm/key_template.hpp"
#include "tpm/objects.hpp"
#include "tpm/parent.hpp"
#include "tpm/pin_index.hpp"
#include "tpm/session_crypto.hpp"
#include "tpm/tpm.hpp"
#include "tpm/tpm2b.hpp"

#include <map>

using namespace tpmvsc;
using namespace tpmvsc::card;
using test::RsaSample;

namespace {

constexpr std::uint32_t printed_information = 0x5FC109;

/// Secrets by name.
using Secrets = std::map<std::string, Bytes>;

/// A card whose TPM is listened to, from before its creation on. All its secrets are random.
struct ListenedCard {
    ListenedCard() {
        CreateOptions options;
        options.name = "Listened to";
        options.pin = SecretBytes(pin);
        options.puk = SecretBytes(puk);
        options.admin_key = SecretBytes(admin_key);
        options.settable_tries = true;
        const Identity identity = create(store, tpm, std::move(options), {});
        card = Card::open(store.path() + "/" + to_hex(identity.id), tpm);
    }

    /// The card's files, opened as root opens them.
    struct Files {
        IdentityFile identity;
        tpm::Parent parent;
        SecretBytes card_key;
        std::optional<SealedFiles> files;
    };
    Files open_files() {
        const Folder folder(store.list().at(0).folder);
        Files result{IdentityFile::read(folder), {}, {}, {}};
        const Anchor& anchor = result.identity.anchor;
        result.parent = {anchor.parent_handle, anchor.parent_public, anchor.parent_name};
        const tpm::KeyBlob sealed{anchor.card_key_public, anchor.card_key_private};
        tpm.run([&](tpm::Connection& c) {
            result.card_key = tpm::unseal(c, {result.parent, sealed, tpm::object_name(sealed)});
        });
        result.files.emplace(folder, result.card_key.clone(), result.identity.binding);
        return result;
    }

    std::optional<AdminSession> administer(AdminAlgorithm algorithm, ByteView key) {
        const Bytes challenge = card->admin_key().challenge(AdminProof::encrypts);
        const auto cipher = algorithm == AdminAlgorithm::tdes ? crypto::BlockCipher::tdes
                                                              : crypto::BlockCipher::aes;
        return card->admin_key().check(AdminProof::encrypts, challenge,
                                       crypto::block_encrypt(cipher, key, challenge));
    }

    test::Swtpm swtpm;
    test::BusListener bus{swtpm};
    tpm::Tpm tpm{bus.tcti(), std::chrono::seconds(2)};
    Store store{swtpm.folder() + "/cards"};
    Bytes pin = crypto::random_bytes(8);
    Bytes puk = crypto::random_bytes(8);
    Bytes admin_key = crypto::random_bytes(24);
    std::unique_ptr<Card> card;
};

void use_pins(ListenedCard& listened, Secrets& secrets) {
    Card& card = *listened.card;
    const Bytes first = crypto::random_bytes(8);
    const Bytes second = crypto::random_bytes(8);
    const Bytes puk = crypto::random_bytes(8);
    const Bytes wrong = crypto::random_bytes(8);
    CHECK(card.verify_pin(wrong).tries_left == 2);
    CHECK(card.verify_pin(listened.pin).right());
    CHECK(card.change(PinKind::pin, listened.pin, first).right());
    CHECK(card.change(PinKind::puk, listened.puk, puk).right());
    CHECK(card.reset_pin_by_puk(puk, second).right());
    CHECK(card.verify_pin(second).right());
    const Bytes salt = PinRecord::read(*listened.open_files().files).salt;
    const Secrets values{{"first PIN", listened.pin}, {"second PIN", first}, {"third PIN", second},
                         {"first PUK", listened.puk}, {"second PUK", puk},   {"wrong PIN", wrong}};
    for (const auto& [name, value] : values) {
        secrets[name] = value;
        secrets[name + ", authorisation value"] = crypto::sha256({salt, value});
    }
    listened.pin = second;
    listened.puk = puk;
}

void use_keys(ListenedCard& listened, PinPolicy policy, Secrets& secrets) {
    Card& card = *listened.card;
    const std::string suffix = policy == PinPolicy::never ? ", without PIN" : "";
    const RsaSample sample;
    Bytes plain = crypto::random_bytes(256);
    plain[0] = 0;
    REQUIRE(card.import_rsa_key(0x9D, KeyAlgorithm::rsa2048, policy, sample.parts()));
    CHECK(card.rsa_private(0x9D, sample.encrypt(plain)).data == plain);
    secrets["decrypted text" + suffix] = plain;
    secrets["imported prime" + suffix] = sample.p;
    secrets["other prime" + suffix] = sample.q;
    const Bytes scalar = crypto::sha256({crypto::random_bytes(32)});
    const auto curve = card.import_ec_key(0x9A, KeyAlgorithm::p256, policy, scalar);
    REQUIRE(curve);
    secrets["imported scalar" + suffix] = scalar;
    const auto peer = crypto::EcKeyPair::generate(crypto::Curve::p256);
    const Bytes shared = to_bytes(peer.agree(curve->public_key.point)->view());
    CHECK(card.ecdh(0x9A, peer.point()).data == shared);
    secrets["shared secret" + suffix] = shared;
    CHECK(card.ecdsa_sign(0x9A, Bytes(32, 7)).done());
}

void use_pin_object(ListenedCard& listened, Secrets& secrets) {
    Card& card = *listened.card;
    const Bytes contents = crypto::random_bytes(100);
    card.write_object(printed_information, ReadAccess::pin, contents);
    CHECK(card.read_object(printed_information, ReadAccess::pin) == contents);
    secrets["object"] = contents;
    // The keys behind it, as the card comes to them.
    const auto opened = listened.open_files();
    const auto envelope = opened.files->read(pin_object_file(printed_information));
    const auto key = KeyRecord::read(*opened.files, object_key_file);
    const PinRecord pins = PinRecord::read(*opened.files);
    SecretBytes shared;
    listened.tpm.run([&](tpm::Connection& c) {
        tpm::Ticket ticket;
        const Bytes value = crypto::sha256({pins.salt, listened.pin});
        tpm::check_pin(c, opened.parent, pins.pin, value, std::chrono::seconds(60), &ticket);
        shared = tpm::ecdh(c, {opened.parent, key->blob, key->name, &ticket, pins.pin.name},
                           KeyAlgorithm::p256, envelope_point(envelope->view()));
    });
    const Bytes& recipient = key->info.public_key.point;
    const auto again = open_envelope(shared, recipient, printed_information, envelope->view());
    REQUIRE(again);
    REQUIRE(equal(again->view(), contents));
    const auto x_of = [](ByteView point) { return point.subspan(1, 32); };
    secrets["object's secret"] = to_bytes(shared.view());
    secrets["object's key"] =
        to_bytes(tpm::kdf_e(shared.view(), "OBJECT", x_of(envelope_point(envelope->view())),
                            x_of(recipient), 256)
                     .view());
}

void change_admin_key(ListenedCard& listened, Secrets& secrets) {
    secrets["admin key"] = listened.admin_key;
    const Bytes new_key = crypto::random_bytes(32);
    auto admin = listened.administer(AdminAlgorithm::tdes, listened.admin_key);
    REQUIRE(admin);
    secrets["authority value"] = to_bytes(admin->authority_value());
    listened.card->admin_key().change(*admin, AdminAlgorithm::aes256, new_key);
    secrets["new admin key"] = new_key;
    admin = listened.administer(AdminAlgorithm::aes256, new_key);
    REQUIRE(admin);
    REQUIRE(listened.card->verify_pin(listened.pin).right());
    CHECK(listened.card->set_tries(*admin, 5, 5).right());
}

} // namespace

TEST_CASE("A listener on the TPM's bus hears no secret of a card") {
    ListenedCard listened;
    Secrets secrets;
    use_pins(listened, secrets);
    use_keys(listened, PinPolicy::once, secrets);
    use_keys(listened, PinPolicy::never, secrets);
    use_pin_object(listened, secrets);
    change_admin_key(listened, secrets);
    secrets["card key"] = to_bytes(listened.open_files().card_key.view());
    CHECK(destroy(listened.store, listened.tpm, listened.store.list().at(0).folder, {}).empty());
    CHECK(secrets.size() == 29);
    CHECK(listened.bus.bytes_heard() > 20000);
    for (const auto& [name, secret] : secrets) {
        CAPTURE(name);
        CHECK_FALSE(listened.bus.heard(secret));
    }
}

TEST_CASE("The listener hears a login's ticket") {
    ListenedCard listened;
    const auto opened = listened.open_files();
    const PinRecord pins = PinRecord::read(*opened.files);
    tpm::Ticket ticket;
    listened.tpm.run([&](tpm::Connection& c) {
        const Bytes value = crypto::sha256({pins.salt, listened.pin});
        tpm::check_pin(c, opened.parent, pins.pin, value, std::chrono::seconds(60), &ticket);
    });
    CHECK(listened.bus.heard(ticket.digest));
}

namespace {

using tpm::Authorization;
using tpm::Connection;

/// What others do: the same commands with password authorisation and no session that encrypts.
struct Careless {
    Connection& connection;
    const tpm::Parent& parent;

    tpm::NewKey make_key(KeyAlgorithm algorithm) {
        return tpm::create_key(connection, parent, algorithm, {});
    }
    template<typename Prepare>
    void run(TPM2_CC code, std::vector<Bytes> names, ByteView password, Prepare&& prepare) {
        connection.executor().run({.name = "a careless command",
                                   .code = code,
                                   .names = std::move(names),
                                   .authorizations = {{.auth_value = password}}},
                                  prepare);
    }
    void decrypt(const tpm::NewKey& key, ByteView cipher) {
        const auto block = tpm::to_tpm2b<TPM2B_PUBLIC_KEY_RSA>(cipher);
        TPMT_RSA_DECRYPT scheme{};
        scheme.scheme = TPM2_ALG_NULL;
        const TPM2B_DATA label{};
        const std::uint32_t handle = connection.load(parent, key.blob);
        run(TPM2_CC_RSA_Decrypt, {tpm::object_name(key.blob)}, {}, [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_RSA_Decrypt_Prepare(sys, handle, &block, &scheme, &label);
        });
    }
    void agree(const tpm::NewKey& key, ByteView point) {
        TPM2B_ECC_POINT in{};
        in.point.x = tpm::to_tpm2b<TPM2B_ECC_PARAMETER>(point.subspan(1, 32));
        in.point.y = tpm::to_tpm2b<TPM2B_ECC_PARAMETER>(point.subspan(33, 32));
        const std::uint32_t handle = connection.load(parent, key.blob);
        run(TPM2_CC_ECDH_ZGen, {tpm::object_name(key.blob)}, {},
            [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_ECDH_ZGen_Prepare(sys, handle, &in); });
    }
    void unseal(const tpm::KeyBlob& sealed) {
        const std::uint32_t handle = connection.load(parent, sealed);
        run(TPM2_CC_Unseal, {tpm::object_name(sealed)}, {},
            [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_Unseal_Prepare(sys, handle); });
    }
    void seal(ByteView secret) {
        TPM2B_SENSITIVE_CREATE sensitive{};
        tpm::fill_tpm2b(sensitive.sensitive.data, secret);
        const TPM2B_PUBLIC area = tpm::seal_template({});
        const TPM2B_DATA outside{};
        const TPML_PCR_SELECTION pcr{};
        connection.unload();
        run(TPM2_CC_Create, {parent.name}, {}, [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_Create_Prepare(sys, parent.handle, &sensitive, &area, &outside, &pcr);
        });
    }
    void prove(const tpm::PinIndex& index, ByteView value) {
        const TPM2B_NONCE nothing{};
        const tpm::Session& policy = connection.policy_session(parent);
        connection.policy_left_over();
        run(TPM2_CC_PolicySecret, {index.name, tpm::handle_name(policy.handle())}, value,
            [&](TSS2_SYS_CONTEXT* sys) {
                return Tss2_Sys_PolicySecret_Prepare(sys, index.handle, policy.handle(), &nothing,
                                                     &nothing, &nothing, 0);
            });
    }
};

} // namespace

TEST_CASE("The listener hears what goes without a session that encrypts") {
    ListenedCard listened;
    const auto opened = listened.open_files();
    const PinRecord pins = PinRecord::read(*opened.files);
    const Bytes value = crypto::sha256({pins.salt, listened.pin});
    const Bytes secret = crypto::random_bytes(32);
    listened.tpm.run([&](Connection& c) {
        Careless careless{c, opened.parent};
        CHECK_FALSE(listened.bus.heard(value));
        careless.prove(pins.pin, value);
        CHECK(listened.bus.heard(value));

        const auto sealed = tpm::seal(c, opened.parent, secret, {});
        CHECK_FALSE(listened.bus.heard(secret));
        SECTION("in an answer") {
            careless.unseal(sealed);
        }
        SECTION("in a command") {
            careless.seal(secret);
        }
        CHECK(listened.bus.heard(secret));
    });
}

TEST_CASE("The listener hears what is decrypted without a session that encrypts") {
    ListenedCard listened;
    const auto opened = listened.open_files();
    Bytes plain = crypto::random_bytes(256);
    plain[0] = 0;
    const auto peer = crypto::EcKeyPair::generate(crypto::Curve::p256);
    listened.tpm.run([&](Connection& c) {
        Careless careless{c, opened.parent};
        const tpm::NewKey rsa = careless.make_key(KeyAlgorithm::rsa2048);
        const Bytes cipher = test::rsa_power(plain, 65537, rsa.modulus);
        CHECK_FALSE(listened.bus.heard(plain));
        careless.decrypt(rsa, cipher);
        CHECK(listened.bus.heard(plain));

        const tpm::NewKey curve = careless.make_key(KeyAlgorithm::p256);
        const auto shared = peer.agree(curve.point);
        CHECK_FALSE(listened.bus.heard(shared->view()));
        careless.agree(curve, peer.point());
        CHECK(listened.bus.heard(shared->view()));
    });
}
