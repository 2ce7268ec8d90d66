// SPDX-License-Identifier: Apache-2.0
#include "tests/catch.hpp"
#include "tests/tpm/card_fixture.hpp"
#include "tests/tpm/owner_password.hpp"

#include "base/crypto.hpp"
#include "base/tlv.hpp"
#include "card/attestation.hpp"
#include "card/certificate.hpp"
#include "card/errors.hpp"
#include "tpm/policy.hpp"

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

#include <algorithm>
#include <filesystem>

using namespace tpmvsc;
using namespace tpmvsc::card;

namespace {

/// Certificate is a parsed X.509 certificate: mbedTLS is the judge of what we write.
struct Certificate {
    explicit Certificate(ByteView der) {
        mbedtls_x509_crt_init(&value);
        REQUIRE(mbedtls_x509_crt_parse_der(&value, der.data(), der.size()) == 0);
    }
    ~Certificate() { mbedtls_x509_crt_free(&value); }
    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;
    bool verifies_under(Certificate& root) {
        std::uint32_t flags = 0;
        return mbedtls_x509_crt_verify(&value, &root.value, nullptr, nullptr, &flags, nullptr,
                                       nullptr) == 0;
    }
    mbedtls_x509_crt value{};
};

/// The parts of the statement extension, found by its object identifier.
std::vector<Bytes> statement_parts(ByteView der) {
    const Bytes oid = TlvWriter().add(0x06, statement_oid).take();
    const auto at = std::search(der.begin(), der.end(), oid.begin(), oid.end());
    REQUIRE(at != der.end());
    TlvReader extension(der.subspan(static_cast<std::size_t>(at - der.begin()) + oid.size()));
    const auto value = extension.next();
    REQUIRE((value && value->tag == 0x04));
    const auto sequence = TlvReader(value->value).next();
    REQUIRE((sequence && sequence->tag == 0x30));
    std::vector<Bytes> parts;
    TlvReader fields(sequence->value);
    while (const auto field = fields.next())
        parts.push_back(to_bytes(field->value));
    return parts;
}

/// The Name of a public area whose name algorithm is SHA-256; of a parent's qualified Name and a
/// Name, the qualified Name (part 1 section 16).
Bytes name_of(ByteView area) {
    return concat({big_endian16(0x000B), crypto::sha256({area})});
}

bool contains(ByteView whole, ByteView part) {
    return std::search(whole.begin(), whole.end(), part.begin(), part.end()) != whole.end();
}

bool signed_by(Certificate& signer, ByteView data, ByteView signature) {
    const Bytes digest = crypto::sha256({data});
    return mbedtls_pk_verify(&signer.value.pk, MBEDTLS_MD_SHA256, digest.data(), digest.size(),
                             signature.data(), signature.size()) == 0;
}

} // namespace

TEST_CASE("The attestation certificate is a certification authority of its own") {
    CardFixture fixture;
    Certificate own(fixture.card->attestation_certificate());
    CHECK(own.verifies_under(own));
    Certificate other(CardFixture().card->attestation_certificate());
    CHECK_FALSE(own.verifies_under(other));
}

TEST_CASE("A generated key is attested with the TPM's own statement") {
    CardFixture fixture;
    Card& card = *fixture.card;
    const auto algorithm = GENERATE(KeyAlgorithm::p256, KeyAlgorithm::p384, KeyAlgorithm::rsa2048);
    card.generate_key(0x9A, algorithm, PinPolicy::once);
    const Bytes issuer = card.attestation_certificate();
    const auto der = card.attest(0x9A, issuer);
    REQUIRE(der);
    Certificate root(issuer);
    Certificate leaf(*der);
    CHECK(leaf.verifies_under(root));

    const auto parts = statement_parts(*der);
    REQUIRE(parts.size() == 8);
    CHECK(parts[0] == Bytes{2});
    const Bytes& attest = parts[1];
    const Bytes& public_area = parts[3];
    const Bytes& pin_index = parts[4];
    CHECK(signed_by(root, attest, parts[2]));
    // TPMS_ATTEST begins with the TPM's mark and says "certify" (part 2 section 10.12.8).
    CHECK(to_hex(ByteView(attest).first(6)) == "ff5443478017");
    const Bytes name = name_of(public_area);
    CHECK(contains(attest, name));
    CHECK(contains(attest, name_of(concat({parts[7], name}))));
    CHECK(contains(attest, name_of(concat({parts[7], name_of(parts[6])}))));
    // fixedTPM, fixedParent and sensitiveDataOrigin, and no use but by the policy.
    const auto attributes = read_big_endian(ByteView(public_area).subspan(4, 4));
    CHECK((attributes & 0x32) == 0x32);
    CHECK((attributes & 0x40) == 0);
    const Bytes policy = tpm::policy::secret(tpm::policy::start(), name_of(pin_index));
    CHECK(equal(ByteView(public_area).subspan(10, 32), policy));
    CHECK(parts[5] == Bytes{1});
    // PIN_FAIL, NO_DA, WRITTEN, POLICYWRITE, and no other way to write (part 2 section 13.4).
    const auto index_attributes = read_big_endian(ByteView(pin_index).subspan(6, 4));
    CHECK((index_attributes & 0x22000FFF) == 0x22000088);
    // The attestation key is restricted, and the one of the certificate.
    CHECK((read_big_endian(ByteView(parts[6]).subspan(4, 4)) & 0x50032) == 0x50032);
}

TEST_CASE("A key that wants no PIN is attested without one") {
    CardFixture fixture;
    Card& card = *fixture.card;
    card.generate_key(0x9E, KeyAlgorithm::p256, PinPolicy::never);
    const auto der = card.attest(0x9E, card.attestation_certificate());
    REQUIRE(der);
    const auto parts = statement_parts(*der);
    REQUIRE(parts.size() == 8);
    CHECK(parts[4].empty());
    CHECK(parts[5] == Bytes{0});
}

TEST_CASE("A key whose PIN is gone from the TPM is not attested") {
    CardFixture fixture;
    Card& card = *fixture.card;
    card.generate_key(0x9A, KeyAlgorithm::p256, PinPolicy::once);
    const auto issuer = card.attestation_certificate();
    clear_indices(fixture.tpm, Folder(fixture.folder), {});
    CHECK_THROWS_AS(card.attest(0x9A, issuer), ForeignTpmError);
}

TEST_CASE("What the TPM cannot vouch for is not attested") {
    CardFixture fixture;
    Card& card = *fixture.card;
    const Bytes issuer = card.attestation_certificate();
    CHECK_FALSE(card.attest(0x9A, issuer));
    card.import_ec_key(0x9A, KeyAlgorithm::p256, PinPolicy::once, Bytes(32, 0x17));
    CHECK_FALSE(card.attest(0x9A, issuer));
    card.generate_key(0x9A, KeyAlgorithm::p256, PinPolicy::once);
    CHECK_FALSE(card.attest(0x9A, Bytes{1, 2, 3}));
    CHECK(card.attest(0x9A, issuer));
}

TEST_CASE("After a reset the card is as new and its old keys are gone for good") {
    CardFixture fixture;
    Card& card = *fixture.card;
    const Identity before = card.identity();
    card.generate_key(0x9A, KeyAlgorithm::p256, PinPolicy::once);
    card.write_object(0x5FC105, ReadAccess::always, Bytes(100, 1));
    card.change(PinKind::pin, as_bytes("123456"), as_bytes("998877"));
    const std::string copy = fixture.swtpm.folder() + "/copy";
    std::filesystem::copy(fixture.folder, copy, std::filesystem::copy_options::recursive);
    const auto indices = fixture.nv_indices();

    card.reset({{0x5FC102, Bytes(10, 2)}});
    CHECK(card.identity().id == before.id);
    CHECK(card.identity().serial == before.serial);
    CHECK(card.key_slots().empty());
    CHECK(card.object_tags() == std::vector<ObjectTag>{0x5FC102});
    CHECK(card.is_default(PinKind::pin));
    CHECK(card.verify_pin(as_bytes("123456")).right());
    CHECK(fixture.nv_indices() == indices);
    CHECK(fixture.store.list().size() == 1);
    CHECK(fixture.store.leftovers().empty());

    const auto old = Card::open(copy, fixture.tpm);
    CHECK_THROWS(old->verify_pin(as_bytes("998877")));
}

TEST_CASE("A reset that the TPM's owner would have to allow leaves everything as it was") {
    CardFixture fixture;
    Card& card = *fixture.card;
    card.generate_key(0x9A, KeyAlgorithm::p256, PinPolicy::once);
    const auto indices = fixture.nv_indices();
    test::set_owner_password(fixture.tpm, "secret");
    try {
        card.reset({});
        FAIL("no password was asked for");
    } catch (const tpm::Error& error) {
        CHECK(error.fault() == tpm::Fault::auth_failed);
        CHECK(std::string(error.what()).find("password") != std::string::npos);
    }
    CHECK(fixture.nv_indices() == indices);
    CHECK(fixture.store.list().size() == 1);
    CHECK(fixture.store.leftovers().empty());
    CHECK(card.verify_pin(as_bytes("123456")).right());
    CHECK(card.ecdsa_sign(0x9A, Bytes(32, 1)).done());
}
