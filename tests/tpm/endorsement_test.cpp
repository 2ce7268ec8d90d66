// SPDX-License-Identifier: Apache-2.0
#include "tests/catch.hpp"
#include "tests/tpm/card_fixture.hpp"
#include "tests/tpm/owner_password.hpp"

#include "base/crypto.hpp"
#include "cli/attest/make_credential.hpp"
#include "tpm/attestation.hpp"
#include "tpm/endorsement.hpp"
#include "tpm/parent.hpp"
#include "tpm/tpm2b.hpp"

using namespace tpmvsc;
using namespace tpmvsc::card;
using cli::attest::make_credential;
using cli::attest::PublicArea;

namespace {

/// The Name of the card's attestation key, from the statement about a key.
Bytes attestation_name(Card& card) {
    card.generate_key(0x9A, KeyAlgorithm::p256, PinPolicy::once);
    const auto certificate = card.attest(0x9A, card.attestation_certificate());
    REQUIRE(certificate);
    // It is in the certificate before the parent's qualified Name: 04 size TPMT_PUBLIC 04 22 Name.
    const Bytes start = {0x00, 0x23, 0x00, 0x0B, 0x00, 0x05, 0x04, 0x72};
    const auto at =
        std::search(certificate->begin(), certificate->end(), start.begin(), start.end());
    REQUIRE(at != certificate->end());
    const auto size = static_cast<std::size_t>(*(at - 1));
    return cli::attest::name_of(
        ByteView(*certificate).subspan(static_cast<std::size_t>(at - certificate->begin()), size));
}

/// What the TPM itself makes of a secret.
cli::attest::Credential made_by_tpm(tpm::Tpm& tpm, ByteView endorsement, ByteView name,
                                    ByteView secret) {
    TPM2B_PUBLIC area{};
    area.publicArea = tpm::unmarshal<TPMT_PUBLIC>(Tss2_MU_TPMT_PUBLIC_Unmarshal, endorsement);
    const auto credential = tpm::to_tpm2b<TPM2B_DIGEST>(secret);
    const auto object_name = tpm::to_tpm2b_name(name);
    TPM2B_ID_OBJECT blob{};
    TPM2B_ENCRYPTED_SECRET encrypted{};
    tpm.run([&](tpm::Connection& connection) {
        TPM2_HANDLE handle = 0;
        connection.unload();
        connection.executor().run(
            {.name = "TPM2_LoadExternal", .code = TPM2_CC_LoadExternal},
            [&](TSS2_SYS_CONTEXT* sys) {
                return Tss2_Sys_LoadExternal_Prepare(sys, nullptr, &area, TPM2_RH_NULL);
            },
            [&](TSS2_SYS_CONTEXT* sys) {
                TPM2B_NAME made{};
                return Tss2_Sys_LoadExternal_Complete(sys, &handle, &made);
            });
        const tpm::TransientObject key(connection, handle);
        connection.executor().run(
            {.name = "TPM2_MakeCredential", .code = TPM2_CC_MakeCredential},
            [&](TSS2_SYS_CONTEXT* sys) {
                return Tss2_Sys_MakeCredential_Prepare(sys, handle, &credential, &object_name);
            },
            [&](TSS2_SYS_CONTEXT* sys) {
                return Tss2_Sys_MakeCredential_Complete(sys, &blob, &encrypted);
            });
    });
    return {Bytes(blob.credential, blob.credential + blob.size),
            Bytes(encrypted.secret, encrypted.secret + encrypted.size)};
}

} // namespace

TEST_CASE("A credential made here opens as one that the TPM has made") {
    CardFixture fixture;
    Card& card = *fixture.card;
    const auto kind = GENERATE(tpm::EndorsementKind::ecc, tpm::EndorsementKind::rsa);
    const Bytes name = attestation_name(card);
    const auto key = card.endorsement(kind);
    CHECK(key.kind == kind);
    CHECK(key.certificate.empty());
    const PublicArea area(key.public_area, "the endorsement key");
    CHECK(area.kind == (kind == tpm::EndorsementKind::ecc ? "P-256" : "RSA-2048"));
    const Bytes secret = crypto::random_bytes(32);

    const auto ours = make_credential(area, name, secret);
    const auto theirs = made_by_tpm(fixture.tpm, key.public_area, name, secret);
    CHECK(ours.blob.size() == theirs.blob.size());
    CHECK(ours.encrypted_secret.size() == theirs.encrypted_secret.size());
    for (const auto* credential : {&ours, &theirs}) {
        const auto opened =
            card.activate_credential(kind, credential->blob, credential->encrypted_secret);
        REQUIRE(opened);
        CHECK(equal(opened->view(), secret));
    }
    // Nothing stays open behind it: the card works on.
    CHECK(card.verify_pin(as_bytes("123456")).right());
    CHECK(card.ecdsa_sign(0x9A, Bytes(32, 1)).done());
}

TEST_CASE("A credential for another key, or a changed one, is not opened") {
    CardFixture fixture;
    Card& card = *fixture.card;
    const Bytes name = attestation_name(card);
    const PublicArea area(card.endorsement(tpm::EndorsementKind::ecc).public_area, "the key");
    const Bytes secret(32, 0x17);
    Bytes other = name;
    other.back() ^= 1;
    const auto for_other = make_credential(area, other, secret);
    CHECK_FALSE(card.activate_credential(tpm::EndorsementKind::ecc, for_other.blob,
                                         for_other.encrypted_secret));
    auto credential = make_credential(area, name, secret);
    CHECK_FALSE(card.activate_credential(tpm::EndorsementKind::rsa, credential.blob,
                                         credential.encrypted_secret));
    credential.blob.back() ^= 1;
    CHECK_FALSE(card.activate_credential(tpm::EndorsementKind::ecc, credential.blob,
                                         credential.encrypted_secret));
    CHECK_FALSE(card.activate_credential(tpm::EndorsementKind::ecc, Bytes(5000, 1), Bytes(3, 1)));
}

TEST_CASE("What attesting costs the TPM") {
    CardFixture fixture;
    Card& card = *fixture.card;
    const Bytes name = attestation_name(card);
    const auto commands = [&](const std::function<void()>& work) {
        fixture.tpm.close();
        const auto before = fixture.tpm.command_count();
        work();
        fixture.tpm.close();
        return fixture.tpm.command_count() - before;
    };
    const PublicArea area(card.endorsement(tpm::EndorsementKind::ecc).public_area, "the key");
    const auto credential = make_credential(area, name, Bytes(32, 1));
    CHECK(commands([&] { card.attest_tries({}); }) == 7);
    CHECK(commands([&] { card.endorsement(tpm::EndorsementKind::ecc); }) == 7);
    CHECK(commands([&] {
              card.activate_credential(tpm::EndorsementKind::ecc, credential.blob,
                                       credential.encrypted_secret);
          }) == 13);
}

TEST_CASE("Count and limit of the PIN are certified, and nothing is counted by it") {
    CardFixture fixture;
    Card& card = *fixture.card;
    card.verify_pin(as_bytes("999999"));
    const Bytes nonce(32, 0x5A);
    const auto statement = card.attest_tries(nonce);
    REQUIRE(statement);
    const cli::attest::StatementBody body(statement->attest, cli::attest::certified_nv);
    CHECK(body.nonce == nonce);
    const cli::attest::CertifiedCount count(body.subject);
    CHECK(count.used == 1);
    CHECK(count.limit == 3);
    CHECK(card.tries(PinKind::pin).left == 2);
    fixture.reopen();
    CHECK(fixture.card->tries(PinKind::pin).left == 2);
}

TEST_CASE("An endorsement hierarchy with a password keeps its key to itself") {
    CardFixture fixture;
    test::set_hierarchy_password(fixture.tpm, TPM2_RH_ENDORSEMENT, as_bytes("secret"));
    try {
        fixture.card->endorsement(std::nullopt);
        FAIL("no password was asked for");
    } catch (const tpm::Error& error) {
        CHECK(error.fault() == tpm::Fault::auth_failed);
    }
    CHECK(fixture.card->verify_pin(as_bytes("123456")).right());
}
