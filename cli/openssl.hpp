// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/secret.hpp"

#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

/// libcrypto, for what help desks bring along: PEM files, signatures and CMS. The driver has none
/// of it.
namespace tpmvsc::cli::openssl {

template<auto free_function>
struct Free {
    template<typename Object>
    void operator()(Object* object) const {
        free_function(object);
    }
};

using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

/// reason says what libcrypto complained of last, and forgets it all.
std::string reason();

/// require throws std::runtime_error with `call` and the reason unless `ok`.
void require(bool ok, const char* call);

/// reader reads from `bytes`, which have to outlive it. writer keeps what is written, and wipes it.
Bio reader(ByteView bytes);
Bio writer();
/// written is what a writer has got.
ByteView written(const Bio& bio);

/// read_file gives a whole file of at most one MiB. Throws Failure.
SecretBytes read_file(const std::string& path);

} // namespace tpmvsc::cli::openssl
