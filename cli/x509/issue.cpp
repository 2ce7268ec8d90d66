// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/issue.hpp"

#include "base/crypto.hpp"
#include "cli/x509/der.hpp"
#include "cli/x509/public_key.hpp"

#include <openssl/pem.h>

#include <algorithm>
#include <ctime>
#include <vector>

namespace tpmvsc::cli::x509 {
namespace {

using RequestHandle = Owned<X509_REQ, X509_REQ_free>;

constexpr std::uint32_t tag_set = 0x31;
constexpr std::uint32_t tag_utf8_string = 0x0C;
constexpr std::uint32_t tag_printable_string = 0x13;

Bytes object_identifier(int kind) {
    return to_der<const ASN1_OBJECT>(i2d_ASN1_OBJECT, OBJ_nid2obj(kind));
}

Bytes attribute(int kind, ByteView value) {
    return der::sequence({object_identifier(kind), der::constructed(tag_set, {value})});
}

/// Authorities that are particular about the kind of string want the plain one.
Bytes directory_string(ByteView text) {
    static constexpr std::string_view signs = " '()+,-./:=?";
    const bool plain = std::all_of(text.begin(), text.end(), [](std::uint8_t c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               signs.find(static_cast<char>(c)) != std::string_view::npos;
    });
    return der::constructed(plain ? tag_printable_string : tag_utf8_string, {text});
}

/// The members of a set stand in the order of their encodings (X.690 section 11.6).
Bytes attributes(const Content& content, ByteView challenge_password) {
    std::vector<Bytes> all;
    if (!challenge_password.empty()) {
        all.push_back(attribute(NID_pkcs9_challengePassword, directory_string(challenge_password)));
    }
    if (!content.extensions->empty()) {
        all.push_back(attribute(NID_ext_req, content.extensions->der()));
    }
    std::sort(all.begin(), all.end());
    Bytes joined;
    for (const Bytes& one : all) {
        append(joined, one);
    }
    return der::explicit_tag(0, joined);
}

/// What is signed, by which algorithm, and the signature.
Bytes with_signature(ByteView to_be_signed, const Content& content, const Signer& signer) {
    return der::sequence({to_be_signed, signature_algorithm(signer.algorithm, content.hash),
                          der::bit_string(sign(signer, content.hash, to_be_signed))});
}

/// UTCTime up to 2049, GeneralizedTime from then on: OpenSSL chooses.
Bytes time_after(std::time_t now, unsigned days) {
    const Owned<ASN1_TIME, ASN1_TIME_free> time(
        ASN1_TIME_adj(nullptr, now, static_cast<int>(days), 0));
    require(time != nullptr, "write a time so far away");
    return to_der<const ASN1_TIME>(i2d_ASN1_TIME, time.get());
}

Bytes random_serial() {
    constexpr std::size_t size = 16;
    Bytes serial = crypto::random_bytes(size);
    serial.front() = static_cast<std::uint8_t>((serial.front() & 0x7F) | 0x40);
    return serial;
}

} // namespace

Bytes make_request(const Content& content, ByteView challenge_password, const Signer& signer) {
    constexpr std::uint8_t version_1 = 0;
    const Bytes info =
        der::sequence({der::integer(Bytes{version_1}), content.subject,
                       key_info_of(signer.public_key), attributes(content, challenge_password)});
    Bytes request = with_signature(info, content, signer);
    const RequestHandle check(from_der(d2i_X509_REQ, request));
    require(check && X509_REQ_verify(check.get(), handle_of(signer.public_key).get()) == 1,
            "verify the card's signature");
    return request;
}

Bytes request_pem(ByteView request) {
    const RequestHandle handle(from_der(d2i_X509_REQ, request));
    const BioHandle bio = openssl::writer();
    require(handle && PEM_write_bio_X509_REQ(bio.get(), handle.get()) == 1, "write the request");
    return contents_of(bio);
}

Certificate make_self_signed(const Content& content, unsigned days, const Signer& signer) {
    constexpr std::uint8_t version_3 = 2;
    const std::time_t now = std::time(nullptr);
    const Bytes to_be_signed = der::sequence(
        {der::explicit_tag(0, der::integer(Bytes{version_3})), der::integer(random_serial()),
         signature_algorithm(signer.algorithm, content.hash), content.subject,
         der::sequence({time_after(now, 0), time_after(now, days)}), content.subject,
         key_info_of(signer.public_key), der::explicit_tag(3, content.extensions->der())});
    auto certificate = Certificate::from_der(with_signature(to_be_signed, content, signer));
    require(certificate.has_value() &&
                X509_verify(&certificate->x509(), handle_of(signer.public_key).get()) == 1,
            "verify the card's signature");
    return std::move(*certificate);
}

} // namespace tpmvsc::cli::x509
