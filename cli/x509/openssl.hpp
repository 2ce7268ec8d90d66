// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/openssl.hpp"

#include <openssl/bn.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace tpmvsc::cli::x509 {

template<typename Object, auto free_function>
using Owned = std::unique_ptr<Object, openssl::Free<free_function>>;

using BignumHandle = Owned<BIGNUM, BN_clear_free>;
using BioHandle = openssl::Bio;
using KeyHandle = openssl::Key;
using CertificateHandle = openssl::Certificate;
using NameHandle = Owned<X509_NAME, X509_NAME_free>;
using Pkcs7Handle = Owned<PKCS7, PKCS7_free>;
using Pkcs12Handle = Owned<PKCS12, PKCS12_free>;

/// require throws Failure(failed): OpenSSL could not do `what` ("write the certificate").
void require(bool done, const std::string& what);

/// contents_of copies what a writer (openssl::writer) has got.
Bytes contents_of(const BioHandle& writer);

/// to_der calls one of OpenSSL's i2d functions for `object`.
template<typename Object>
Bytes to_der(int (*encode)(Object*, unsigned char**), Object* object) {
    const int size = encode(object, nullptr);
    require(size > 0, "encode an object in DER");
    Bytes bytes(static_cast<std::size_t>(size));
    unsigned char* position = bytes.data();
    encode(object, &position);
    return bytes;
}

/// from_der calls one of OpenSSL's d2i functions; null unless `bytes` are one whole object.
template<typename Object>
Object* from_der(Object* (*decode)(Object**, const unsigned char**, long), ByteView bytes) {
    const unsigned char* position = bytes.data();
    return decode(nullptr, &position, static_cast<long>(bytes.size()));
}

} // namespace tpmvsc::cli::x509
