// SPDX-License-Identifier: Apache-2.0
#include "cli/pem_file.hpp"

#include "cli/failure.hpp"
#include "cli/terminal.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <exception>
#include <string_view>

namespace tpmvsc::cli {
namespace {

/// What the callback of libcrypto, through which no exception may pass, is given and gives back.
struct Asked {
    const std::string& path;
    const SecretSource* source;
    bool needed = false;
    std::exception_ptr fault;
};

SecretBytes obtain_passphrase(const Asked& asked) {
    if (asked.source == nullptr) {
        throw Failure(ExitCode::usage, asked.path + " holds an encrypted private key: the public "
                                                    "key or a certificate is enough");
    }
    if (asked.source->kind != SecretSource::Kind::prompt) {
        return read_secret("--passphrase", *asked.source);
    }
    const Terminal terminal("give --passphrase file:PATH, fd:N or - (standard input)");
    return terminal.ask_secret("Passphrase of " + asked.path);
}

/// pem_password_cb.
int give_passphrase(char* target, int size, int /*for_writing*/, void* context) {
    auto& asked = *static_cast<Asked*>(context);
    asked.needed = true;
    try {
        const SecretBytes passphrase = obtain_passphrase(asked);
        if (passphrase.size() > static_cast<std::size_t>(size)) {
            return -1;
        }
        std::copy_n(passphrase.view().begin(), passphrase.size(), target);
        return static_cast<int>(passphrase.size());
    } catch (...) {
        asked.fault = std::current_exception();
        return -1;
    }
}

[[noreturn]] void refuse(const std::string& path, const char* what) {
    ERR_clear_error();
    throw Failure(ExitCode::usage, path + " holds no " + what + " in PEM form");
}

bool has_block(ByteView content, std::string_view label) {
    const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
    return text.find(label) != std::string_view::npos;
}

openssl::Key parse_private_key(const std::string& path, ByteView content,
                               const SecretSource* passphrase) {
    Asked asked{path, passphrase, false, nullptr};
    const openssl::Bio bio = openssl::reader(content);
    openssl::Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase, &asked));
    if (asked.fault) {
        std::rethrow_exception(asked.fault);
    }
    if (!key && asked.needed) {
        ERR_clear_error();
        throw Failure(ExitCode::not_authorised, "this is not the passphrase of " + path);
    }
    if (!key) {
        refuse(path, "private key");
    }
    return key;
}

openssl::Certificate parse_certificate(ByteView content) {
    const openssl::Bio bio = openssl::reader(content);
    return openssl::Certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

} // namespace

openssl::Key load_private_key(const std::string& path, const SecretSource& passphrase) {
    return parse_private_key(path, openssl::read_file(path).view(), &passphrase);
}

openssl::Key load_public_key(const std::string& path, const SecretSource* passphrase) {
    const SecretBytes content = openssl::read_file(path);
    openssl::Key key;
    if (has_block(content.view(), "BEGIN PUBLIC KEY")) {
        const openssl::Bio bio = openssl::reader(content.view());
        key.reset(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
    } else if (const auto certificate = parse_certificate(content.view())) {
        key.reset(X509_get_pubkey(certificate.get()));
    } else if (has_block(content.view(), "PRIVATE KEY")) {
        key = parse_private_key(path, content.view(), passphrase);
    }
    if (!key) {
        refuse(path, "public key, certificate or private key");
    }
    ERR_clear_error();
    return key;
}

openssl::Certificate load_certificate(const std::string& path) {
    auto certificate = parse_certificate(openssl::read_file(path).view());
    if (!certificate) {
        refuse(path, "certificate");
    }
    return certificate;
}

} // namespace tpmvsc::cli
