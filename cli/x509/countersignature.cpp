// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/countersignature.hpp"

#include "cli/failure.hpp"
#include "cli/output.hpp"
#include "cli/x509/alternative_name.hpp"
#include "cli/x509/der.hpp"

#include <openssl/pem.h> // first: then cms.h declares its PEM functions

#include <openssl/cms.h>
#include <openssl/err.h>

#include <algorithm>
#include <ctime>
#include <vector>

namespace tpmvsc::cli::x509 {
namespace {

using RequestHandle = Owned<X509_REQ, X509_REQ_free>;
using MessageHandle = Owned<CMS_ContentInfo, CMS_ContentInfo_free>;

constexpr const char* oid_data = "1.2.840.113549.1.7.1";
constexpr const char* oid_signed_data = "1.2.840.113549.1.7.2";
constexpr const char* oid_content_type = "1.2.840.113549.1.9.3";
constexpr const char* oid_message_digest = "1.2.840.113549.1.9.4";
constexpr const char* oid_signing_time = "1.2.840.113549.1.9.5";
constexpr const char* oid_name_value_pair = "1.3.6.1.4.1.311.13.2.1";
constexpr const char* oid_pki_data = "1.3.6.1.5.5.7.12.2";
constexpr const char* oid_registration_info = "1.3.6.1.5.5.7.7.18";

constexpr std::uint32_t tag_set = 0x31;
constexpr std::uint32_t tag_bmp_string = 0x1E;
constexpr std::uint32_t tag_implicit_0 = 0xA0;
constexpr std::uint8_t version_1 = 1;
constexpr std::uint8_t version_3 = 3;

Bytes oid(const char* dotted) {
    const Owned<ASN1_OBJECT, ASN1_OBJECT_free> object(OBJ_txt2obj(dotted, 1));
    require(object != nullptr, "write an object identifier");
    return to_der<const ASN1_OBJECT>(i2d_ASN1_OBJECT, object.get());
}

Bytes number(std::uint8_t value) {
    return der::integer(Bytes{value});
}

/// The members of a set stand in the order of their encodings (X.690 section 11.6).
Bytes joined_in_order(std::vector<Bytes> members) {
    std::sort(members.begin(), members.end());
    Bytes joined;
    for (const Bytes& member : members) {
        append(joined, member);
    }
    return joined;
}

Bytes attribute(const char* type, ByteView value) {
    return der::sequence({oid(type), der::constructed(tag_set, {value})});
}

/// UTF-16, the big end first.
Bytes bmp_string(const std::string& text) {
    const Owned<ASN1_STRING, ASN1_STRING_free> made(ASN1_STRING_new());
    ASN1_STRING* string = made.get();
    require(string != nullptr &&
                ASN1_mbstring_copy(&string, reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()), MBSTRING_UTF8,
                                   B_ASN1_BMPSTRING) == V_ASN1_BMPSTRING,
            "write the requester's name");
    return der::constructed(tag_bmp_string,
                            {ByteView(ASN1_STRING_get0_data(string),
                                      static_cast<std::size_t>(ASN1_STRING_length(string)))});
}

Bytes requester_attribute(const std::string& requester) {
    return attribute(oid_name_value_pair,
                     der::sequence({bmp_string("requestername"), bmp_string(requester)}));
}

Bytes signing_time() {
    const Owned<ASN1_TIME, ASN1_TIME_free> now(ASN1_TIME_set(nullptr, std::time(nullptr)));
    require(now != nullptr, "write the time");
    return to_der<const ASN1_TIME>(i2d_ASN1_TIME, now.get());
}

/// PKIData, RFC 5272 section 3.2.1: one request, and who it is for.
Bytes pki_data(const CountersignContent& content) {
    constexpr std::uint8_t request_part = 1;
    constexpr std::uint8_t control_part = 2;
    Bytes controls;
    if (!content.on_behalf_of.empty()) {
        const std::string info = "requestername=" + content.on_behalf_of;
        controls = der::sequence({number(control_part), oid(oid_registration_info),
                                  der::constructed(tag_set, {der::octet_string(as_bytes(info))})});
    }
    const Bytes request =
        der::constructed(tag_implicit_0, {number(request_part), content.request->der()});
    return der::sequence({der::sequence({controls}), der::sequence({request}), der::sequence({}),
                          der::sequence({})});
}

/// The agent by issuer and serial number.
Bytes signer_identifier(const Certificate& agent) {
    const Bytes issuer =
        to_der<const X509_NAME>(i2d_X509_NAME, X509_get_issuer_name(&agent.x509()));
    const Bytes serial =
        to_der<const ASN1_INTEGER>(i2d_ASN1_INTEGER, X509_get0_serialNumber(&agent.x509()));
    return der::sequence({issuer, serial});
}

Bytes signer_info(const CountersignContent& content, const char* type, ByteView inner,
                  const Signer& signer) {
    std::vector<Bytes> attributes{
        attribute(oid_content_type, oid(type)),
        attribute(oid_message_digest, der::octet_string(digest_of(content.hash, inner))),
        attribute(oid_signing_time, signing_time())};
    if (!content.on_behalf_of.empty()) {
        attributes.push_back(requester_attribute(content.on_behalf_of));
    }
    const Bytes members = joined_in_order(std::move(attributes));
    // They are signed as a set, and travel under a tag of their own (RFC 5652 section 5.4).
    const Bytes signature = sign(signer, content.hash, der::constructed(tag_set, {members}));
    return der::sequence({number(version_1), signer_identifier(*content.agent),
                          hash_algorithm(content.hash), der::constructed(tag_implicit_0, {members}),
                          signature_algorithm(signer.algorithm, content.hash),
                          der::octet_string(signature)});
}

void verify(ByteView message) {
    const MessageHandle parsed(from_der(d2i_CMS_ContentInfo, message));
    const BioHandle inner = openssl::writer();
    require(parsed && CMS_verify(parsed.get(), nullptr, nullptr, nullptr, inner.get(),
                                 CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY) == 1,
            "verify the card's signature");
}

std::string text_of(const X509_NAME* name) {
    const BioHandle bio = openssl::writer();
    constexpr unsigned long form = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
    require(X509_NAME_print_ex(bio.get(), name, 0, form) >= 0, "write a name");
    const Bytes text = contents_of(bio);
    return {text.begin(), text.end()};
}

} // namespace

Request Request::read(const std::string& name, ByteView contents) {
    RequestHandle handle(from_der(d2i_X509_REQ, contents));
    if (!handle) {
        const BioHandle reader = openssl::reader(contents);
        handle.reset(PEM_read_bio_X509_REQ(reader.get(), nullptr, nullptr, nullptr));
    }
    ERR_clear_error();
    if (!handle) {
        throw Failure(ExitCode::failed, name + " holds no request (PKCS#10) in PEM or DER");
    }
    EVP_PKEY* key = X509_REQ_get0_pubkey(handle.get());
    const bool proven = key != nullptr && X509_REQ_verify(handle.get(), key) == 1;
    ERR_clear_error();
    if (!proven) {
        throw Failure(ExitCode::failed, "the request in " + name +
                                            " is not signed by its own key: it was changed, or "
                                            "who made it does not have the key");
    }
    Request request;
    request.der_ = to_der<const X509_REQ>(i2d_X509_REQ, handle.get());
    request.subject_ = text_of(X509_REQ_get_subject_name(handle.get()));
    return request;
}

void check_requester(const std::string& name) {
    const auto backslash = name.find('\\');
    const bool domain_and_user = backslash != std::string::npos && backslash > 0 &&
                                 backslash + 1 < name.size() &&
                                 name.find('\\', backslash + 1) == std::string::npos;
    const bool clean = std::none_of(name.begin(), name.end(), [](unsigned char c) {
        return c < 0x20 || c == 0x7F || c == '"' || c == '/' || c == '&' || c == '=';
    });
    if (!(clean && (domain_and_user || is_user_principal_name(name)))) {
        throw Failure(ExitCode::usage, "--on-behalf-of takes DOMAIN\\user or user@domain; \"" +
                                           printable(name) + "\" is neither");
    }
}

Bytes countersign(const CountersignContent& content, const Signer& signer) {
    const bool cmc = content.wrapping == Wrapping::cmc;
    const char* type = cmc ? oid_pki_data : oid_data;
    const Bytes inner = cmc ? pki_data(content) : content.request->der();
    const Bytes signed_data =
        der::sequence({number(cmc ? version_3 : version_1),
                       der::constructed(tag_set, {hash_algorithm(content.hash)}),
                       der::sequence({oid(type), der::explicit_tag(0, der::octet_string(inner))}),
                       der::constructed(tag_implicit_0, {content.agent->der()}),
                       der::constructed(tag_set, {signer_info(content, type, inner, signer)})});
    Bytes message = der::sequence({oid(oid_signed_data), der::explicit_tag(0, signed_data)});
    verify(message);
    return message;
}

Bytes message_pem(ByteView message) {
    const MessageHandle parsed(from_der(d2i_CMS_ContentInfo, message));
    const BioHandle bio = openssl::writer();
    require(parsed && PEM_write_bio_CMS(bio.get(), parsed.get()) == 1, "write the message");
    return contents_of(bio);
}

} // namespace tpmvsc::cli::x509
