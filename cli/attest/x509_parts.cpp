// SPDX-License-Identifier: Apache-2.0
#include "cli/attest/x509_parts.hpp"

#include "base/tlv.hpp"

#include <array>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/x509v3.h>

namespace tpmvsc::cli::attest {
namespace {

/// Of doc/attestation.md, and card/attestation.hpp.
constexpr const char* statement_identifier = "2.25.0.28428.113697712.239884442.32625829.168786977";

/// Without the zero that keeps a DER integer positive.
ByteView magnitude(ByteView integer) {
    return integer.size() > 1 && integer.front() == 0 ? integer.subspan(1) : integer;
}

} // namespace

openssl::Certificate parse_certificate(ByteView der) {
    const unsigned char* position = der.data();
    openssl::Certificate certificate(d2i_X509(nullptr, &position, static_cast<long>(der.size())));
    openssl::reason();
    demand(certificate && position == der.data() + der.size(), "a certificate cannot be read");
    return certificate;
}

openssl::Key handle_of(const PublicArea& key) {
    using Parameters = std::unique_ptr<OSSL_PARAM_BLD, openssl::Free<OSSL_PARAM_BLD_free>>;
    using Built = std::unique_ptr<OSSL_PARAM, openssl::Free<OSSL_PARAM_free>>;
    using Number = std::unique_ptr<BIGNUM, openssl::Free<BN_free>>;
    const Parameters parameters(OSSL_PARAM_BLD_new());
    openssl::require(parameters != nullptr, "OSSL_PARAM_BLD_new");
    const Number modulus(
        BN_bin2bn(key.modulus.data(), static_cast<int>(key.modulus.size()), nullptr));
    bool put = false;
    if (key.is_rsa()) {
        put =
            OSSL_PARAM_BLD_push_BN(parameters.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1 &&
            OSSL_PARAM_BLD_push_uint32(parameters.get(), OSSL_PKEY_PARAM_RSA_E, key.exponent) == 1;
    } else {
        put = OSSL_PARAM_BLD_push_utf8_string(parameters.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                              key.kind.c_str(), key.kind.size()) == 1 &&
              OSSL_PARAM_BLD_push_octet_string(parameters.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                               key.point.data(), key.point.size()) == 1;
    }
    openssl::require(put, "OSSL_PARAM_BLD_push");
    const Built built(OSSL_PARAM_BLD_to_param(parameters.get()));
    const openssl::KeyContext context(
        EVP_PKEY_CTX_new_from_name(nullptr, key.is_rsa() ? "RSA" : "EC", nullptr));
    EVP_PKEY* made = nullptr;
    demand(context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
               EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, built.get()) == 1,
           "a TPM's public area holds no key");
    return openssl::Key(made);
}

Bytes key_info_of(const PublicArea& key) {
    const openssl::Key handle = handle_of(key);
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(handle.get(), &der);
    openssl::require(size > 0, "i2d_PUBKEY");
    Bytes result(der, der + size);
    OPENSSL_free(der);
    return result;
}

bool holds_key(const X509* certificate, const PublicArea& key) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    demand(size > 0, "a certificate has no key");
    const bool same = equal(ByteView(der, static_cast<std::size_t>(size)), key_info_of(key));
    OPENSSL_free(der);
    return same;
}

bool holds_numbers(const X509* certificate, const PublicArea& key) {
    if (!key.is_rsa()) {
        return holds_key(certificate, key);
    }
    const ASN1_BIT_STRING* const bits = X509_get0_pubkey_bitstr(certificate);
    demand(bits != nullptr, "a certificate has no key");
    // demand has thrown, which the analyzer does not see.
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference)
    const auto outer = parse_all(ByteView(bits->data, static_cast<std::size_t>(bits->length)));
    const auto numbers = outer && outer->size() == 1 ? parse_all(outer->front().value) : outer;
    return numbers && numbers->size() == 2 &&
           equal(magnitude(numbers->front().value), key.modulus) &&
           read_big_endian(left_pad(magnitude(numbers->back().value), 4)) == key.exponent;
}

Bytes statement_extension(const X509* certificate) {
    const std::unique_ptr<ASN1_OBJECT, openssl::Free<ASN1_OBJECT_free>> wanted(
        OBJ_txt2obj(statement_identifier, 1));
    openssl::require(wanted != nullptr, "OBJ_txt2obj");
    const int place = X509_get_ext_by_OBJ(certificate, wanted.get(), -1);
    demand(place >= 0, "the certificate has no statement of a TPM");
    const ASN1_OCTET_STRING* const value =
        X509_EXTENSION_get_data(X509_get_ext(certificate, place));
    return Bytes(value->data, value->data + value->length);
}

std::string oid_text(const ASN1_OBJECT* object) {
    std::array<char, 128> text{};
    const int size = OBJ_obj2txt(text.data(), text.size(), object, 1);
    return size > 0 && size < static_cast<int>(text.size()) ? text.data() : "";
}

} // namespace tpmvsc::cli::attest
