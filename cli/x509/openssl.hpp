// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace tpmvsc::cli::x509 {

/// Deleter calls OpenSSL's own function, so that a unique_ptr owns its object.
template<auto Free>
struct Deleter {
    template<typename Object>
    void operator()(Object* object) const {
        Free(object);
    }
};
template<typename Object, auto Free>
using Owned = std::unique_ptr<Object, Deleter<Free>>;

using BioHandle = Owned<BIO, BIO_free_all>;
using BignumHandle = Owned<BIGNUM, BN_clear_free>;
using KeyHandle = Owned<EVP_PKEY, EVP_PKEY_free>;
using CertificateHandle = Owned<X509, X509_free>;
using NameHandle = Owned<X509_NAME, X509_NAME_free>;
using Pkcs7Handle = Owned<PKCS7, PKCS7_free>;
using Pkcs12Handle = Owned<PKCS12, PKCS12_free>;

/// require throws Failure(failed): OpenSSL could not do `what` ("write the certificate").
void require(bool done, const std::string& what);

/// reader_of gives a BIO that reads `bytes`, which must outlive it.
BioHandle reader_of(ByteView bytes);

/// contents_of gives what was written to a memory BIO.
Bytes contents_of(BIO& bio);

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
