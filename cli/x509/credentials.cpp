// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/credentials.hpp"

#include "cli/failure.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace tpmvsc::cli::x509 {
namespace {

/// Passphrase asks once, and remembers that it did.
class Passphrase {
  public:
    explicit Passphrase(const AskPassphrase& ask) : ask_(ask) {}
    ByteView get() {
        if (!asked_) {
            asked_ = true;
            value_ = ask_();
        }
        return value_.view();
    }
    bool asked() const { return asked_; }

    /// The form in which OpenSSL calls it. An exception may not pass through C code: it waits.
    static int callback(char* buffer, int size, int /*writing*/, void* self) {
        auto& phrase = *static_cast<Passphrase*>(self);
        try {
            const ByteView value = phrase.get();
            if (value.size() > static_cast<std::size_t>(size)) {
                return -1;
            }
            std::copy(value.begin(), value.end(), buffer);
            return static_cast<int>(value.size());
        } catch (...) {
            phrase.failure_ = std::current_exception();
            return -1;
        }
    }
    void rethrow() const {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
    }

  private:
    const AskPassphrase& ask_;
    SecretBytes value_;
    bool asked_ = false;
    std::exception_ptr failure_;
};

Failure wrong_passphrase(const std::string& name) {
    return {ExitCode::not_authorised, "the passphrase does not open " + name};
}

Failure unreadable(const std::string& name) {
    return {ExitCode::failed,
            name + " holds no certificate and no key in PEM, DER, PKCS#7, PKCS#8 or PKCS#12"};
}

void add_copy(X509* certificate, Credentials& found) {
    require(X509_up_ref(certificate) == 1, "keep a certificate");
    found.certificates.emplace_back(CertificateHandle(certificate));
}

void add_all(const STACK_OF(X509) * certificates, Credentials& found) {
    for (int i = 0; i < sk_X509_num(certificates); ++i) {
        add_copy(sk_X509_value(certificates, i), found);
    }
}

bool add_pkcs7(ByteView der, Credentials& found) {
    const Pkcs7Handle message(from_der(d2i_PKCS7, der));
    if (!message || !PKCS7_type_is_signed(message.get()) || message->d.sign == nullptr) {
        return false;
    }
    add_all(message->d.sign->cert, found);
    return true;
}

bool add_certificate(ByteView der, Credentials& found) {
    auto certificate = Certificate::from_der(der);
    if (certificate) {
        found.certificates.push_back(std::move(*certificate));
    }
    return certificate.has_value();
}

/// Files that Windows writes may be encrypted with ciphers that OpenSSL 3 keeps apart.
void allow_old_ciphers() {
    static OSSL_PROVIDER* const legacy = OSSL_PROVIDER_try_load(nullptr, "legacy", 1);
    (void)legacy;
}

bool add_pkcs12(const std::string& name, ByteView der, Passphrase& phrase, Credentials& found) {
    const Pkcs12Handle file(from_der(d2i_PKCS12, der));
    if (!file) {
        return false;
    }
    allow_old_ciphers();
    SecretBytes terminated(1); // an empty passphrase
    if (PKCS12_mac_present(file.get()) == 1 && PKCS12_verify_mac(file.get(), "", 0) != 1 &&
        PKCS12_verify_mac(file.get(), nullptr, 0) != 1) {
        const ByteView value = phrase.get();
        terminated = SecretBytes(value.size() + 1);
        std::copy(value.begin(), value.end(), terminated.span().begin());
        if (PKCS12_verify_mac(file.get(), reinterpret_cast<const char*>(terminated.view().data()),
                              static_cast<int>(value.size())) != 1) {
            throw wrong_passphrase(name);
        }
    }
    EVP_PKEY* key = nullptr;
    X509* certificate = nullptr;
    STACK_OF(X509)* others = nullptr;
    const int done =
        PKCS12_parse(file.get(), reinterpret_cast<const char*>(terminated.view().data()), &key,
                     &certificate, &others);
    const KeyHandle own_key(key);
    const CertificateHandle own_certificate(certificate);
    const Owned<STACK_OF(X509), [](STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }>
        own_others(others);
    require(done == 1, "open " + name);
    if (certificate != nullptr) {
        add_copy(certificate, found);
    }
    add_all(others, found);
    if (key != nullptr) {
        found.key = private_key_of(*key);
    }
    return true;
}

bool add_key(const std::string& name, EVP_PKEY* read, Passphrase& phrase, Credentials& found) {
    const KeyHandle key(read);
    phrase.rethrow();
    if (!key && phrase.asked()) {
        throw wrong_passphrase(name);
    }
    if (key) {
        found.key = private_key_of(*key);
    }
    return key != nullptr;
}

bool add_der_key(const std::string& name, ByteView der, Passphrase& phrase, Credentials& found) {
    const unsigned char* position = der.data();
    if (EVP_PKEY* key = d2i_AutoPrivateKey(nullptr, &position, static_cast<long>(der.size()))) {
        return add_key(name, key, phrase, found);
    }
    const Owned<X509_SIG, X509_SIG_free> encrypted(from_der(d2i_X509_SIG, der));
    if (!encrypted) {
        return false;
    }
    const BioHandle reader = openssl::reader(der);
    return add_key(name,
                   d2i_PKCS8PrivateKey_bio(reader.get(), nullptr, Passphrase::callback, &phrase),
                   phrase, found);
}

/// One block of a PEM file, as far as it is no key: OpenSSL reads those itself.
bool add_pem_block(std::string_view kind, ByteView der, Credentials& found) {
    if (kind == PEM_STRING_X509 || kind == PEM_STRING_X509_OLD) {
        return add_certificate(der, found);
    }
    if (kind == PEM_STRING_PKCS7 || kind == PEM_STRING_CMS) {
        return add_pkcs7(der, found);
    }
    return true; // parameters, requests: nothing that is looked for
}

void read_pem_blocks(const std::string& name, ByteView text, Credentials& found) {
    const BioHandle reader = openssl::reader(text);
    char* kind = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    while (PEM_read_bio(reader.get(), &kind, &header, &data, &size) == 1) {
        const ByteView der(data, static_cast<std::size_t>(size));
        const bool understood = add_pem_block(kind, der, found);
        OPENSSL_free(kind);
        OPENSSL_free(header);
        OPENSSL_clear_free(data, static_cast<std::size_t>(size));
        if (!understood) {
            throw Failure(ExitCode::failed, "a block of " + name + " is damaged");
        }
    }
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!at_end) {
        throw Failure(ExitCode::failed, name + " is damaged: a block of it is no PEM");
    }
}

void read_pem(const std::string& name, ByteView text, Passphrase& phrase, Credentials& found) {
    read_pem_blocks(name, text, found);
    const std::string_view view(reinterpret_cast<const char*>(text.data()), text.size());
    if (view.find("PRIVATE KEY-----") != std::string_view::npos) {
        const BioHandle reader = openssl::reader(text);
        if (!add_key(name,
                     PEM_read_bio_PrivateKey(reader.get(), nullptr, Passphrase::callback, &phrase),
                     phrase, found)) {
            throw Failure(ExitCode::failed, "the private key in " + name + " cannot be read");
        }
    }
}

bool is_pem(ByteView contents) {
    const std::string_view view(reinterpret_cast<const char*>(contents.data()), contents.size());
    return view.find("-----BEGIN ") != std::string_view::npos;
}

} // namespace

Credentials read_credentials(const std::string& name, ByteView contents, const AskPassphrase& ask) {
    Credentials found;
    Passphrase phrase(ask);
    if (is_pem(contents)) {
        read_pem(name, contents, phrase, found);
    } else if (contents.empty() ||
               !(add_certificate(contents, found) || add_pkcs12(name, contents, phrase, found) ||
                 add_pkcs7(contents, found) || add_der_key(name, contents, phrase, found))) {
        ERR_clear_error();
        throw unreadable(name);
    }
    ERR_clear_error();
    if (found.certificates.empty() && !found.key) {
        throw unreadable(name);
    }
    return found;
}

} // namespace tpmvsc::cli::x509
