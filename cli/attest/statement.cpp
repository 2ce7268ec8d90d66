// SPDX-License-Identifier: Apache-2.0
#include "cli/attest/statement.hpp"

#include "base/tlv.hpp"
#include "cli/attest/x509_parts.hpp"

#include <array>

#include <openssl/evp.h>

namespace tpmvsc::cli::attest {
namespace {

/// The extension's fields (doc/attestation.md).
struct Fields {
    ByteView attest;
    ByteView signature;
    ByteView key;
    ByteView pin_index;
    PinNeed pin = PinNeed::never;
    ByteView attestation_key;
    ByteView parent;
};

Fields read_fields(ByteView extension) {
    const std::string wrong = "the certificate's statement has another form";
    const auto outer = parse_all(extension);
    demand(outer && outer->size() == 1 && outer->front().tag == 0x30, wrong);
    const auto fields = parse_all(outer->front().value);
    constexpr std::array<std::uint32_t, 8> tags{0x02, 0x04, 0x04, 0x04, 0x04, 0x0A, 0x04, 0x04};
    demand(fields && fields->size() == tags.size(), wrong);
    for (std::size_t i = 0; i < tags.size(); ++i) {
        demand((*fields)[i].tag == tags[i], wrong);
    }
    const ByteView version = (*fields)[0].value;
    const ByteView policy = (*fields)[5].value;
    demand(version.size() == 1 && version.front() == 2, "the statement has another version");
    demand(policy.size() == 1 && policy.front() <= static_cast<int>(PinNeed::always),
           "the statement's PIN policy is unknown");
    return {(*fields)[1].value,
            (*fields)[2].value,
            (*fields)[3].value,
            (*fields)[4].value,
            static_cast<PinNeed>(policy.front()),
            (*fields)[6].value,
            (*fields)[7].value};
}

bool signed_by(EVP_PKEY* key, ByteView data, ByteView signature) {
    const std::unique_ptr<EVP_MD_CTX, openssl::Free<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
    const bool valid =
        context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
        EVP_DigestVerify(context.get(), signature.data(), signature.size(), data.data(),
                         data.size()) == 1;
    openssl::reason();
    return valid;
}

/// `name` hangs under the parent.
Bytes qualified(ByteView parent, ByteView name) {
    return name_of(concat({parent, name}));
}

void check_certificates(X509* certificate, X509* authority, const PublicArea& attestation_key,
                        EVP_PKEY* signer) {
    demand(holds_key(authority, attestation_key),
           "the authority has another key than the statement's attestation key");
    demand(X509_verify(authority, signer) == 1, "the authority's certificate is not its own");
    demand(X509_verify(certificate, signer) == 1,
           "the certificate was not issued by this authority");
    demand(X509_NAME_cmp(X509_get_issuer_name(certificate), X509_get_subject_name(authority)) == 0,
           "the certificate names another authority");
    openssl::reason();
}

void check_attestation_key(const PublicArea& key) {
    demand(key.is_fixed(), "the attestation key may come from outside of the TPM");
    demand(key.has(restricted | signs) && !key.has(decrypts), "the attestation key signs anything");
    demand(key.kind == "P-256", "the attestation key is none that cards have");
}

void check_key(const Fields& fields, const PublicArea& key, const StatementBody& body) {
    const CertifiedObject certified(body.subject);
    demand(certified.name == key.name, "the statement is about another key");
    demand(certified.qualified_name == qualified(fields.parent, key.name),
           "the key does not hang under the statement's parent");
    demand(key.is_fixed(), "the key may come from outside of the TPM, or leave it");
    demand(!key.has(restricted), "the key is not for a card's signatures");
}

/// The index that guards the key; nothing where it wants no PIN.
std::optional<PinIndexArea> check_pin(const Fields& fields, const PublicArea& key) {
    if (fields.pin == PinNeed::never) {
        demand(fields.pin_index.empty(), "a key that wants no PIN comes with one");
        return std::nullopt;
    }
    PinIndexArea index(fields.pin_index);
    demand(!key.has(user_with_auth), "the key can be used without its policy");
    demand(key.policy == policy_secret(index.name), "the key wants another PIN");
    return index;
}

CertifiedCount check_tries(const Signed& tries, EVP_PKEY* signer, const Fields& fields,
                           const PublicArea& attestation_key, const PinIndexArea& index,
                           ByteView nonce) {
    demand(signed_by(signer, tries.attest, tries.signature),
           "the signature of the statement about the tries is wrong");
    const StatementBody body(tries.attest, certified_nv);
    demand(body.signer == qualified(fields.parent, attestation_key.name),
           "another key has signed the statement about the tries");
    demand(equal(body.nonce, nonce), "the statements have different nonces");
    CertifiedCount count(body.subject);
    demand(count.index_name == index.name, "the statement about the tries is about another PIN");
    return count;
}

} // namespace

KeyFacts read_statement(const Bundle& bundle) {
    const openssl::Certificate certificate = parse_certificate(bundle.certificate);
    const openssl::Certificate authority = parse_certificate(bundle.authority);
    const Bytes extension = statement_extension(certificate.get());
    const Fields fields = read_fields(extension);
    const PublicArea key(fields.key, "the key");
    const PublicArea attestation_key(fields.attestation_key, "the attestation key");
    check_attestation_key(attestation_key);
    const openssl::Key signer_handle = handle_of(attestation_key);
    EVP_PKEY* const signer = signer_handle.get();
    check_certificates(certificate.get(), authority.get(), attestation_key, signer);
    demand(holds_key(certificate.get(), key), "the certificate has another key than the statement");
    demand(signed_by(signer, fields.attest, fields.signature),
           "the statement's signature is wrong");
    const StatementBody body(fields.attest, certified_object);
    demand(body.signer == qualified(fields.parent, attestation_key.name),
           "another key has signed the statement");
    check_key(fields, key, body);
    const auto index = check_pin(fields, key);
    KeyFacts facts;
    facts.kind = key.kind;
    facts.pin = fields.pin;
    facts.own_tries = index && index->counts;
    facts.nonce = body.nonce;
    facts.attestation_key = attestation_key.name;
    facts.public_key = key_info_of(key);
    if (bundle.tries) {
        demand(facts.own_tries, "there is a statement about tries that nobody counts");
        facts.tries =
            check_tries(*bundle.tries, signer, fields, attestation_key, *index, body.nonce);
    }
    return facts;
}

} // namespace tpmvsc::cli::attest
