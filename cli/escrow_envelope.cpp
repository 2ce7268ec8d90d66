// SPDX-License-Identifier: Apache-2.0
#include "cli/escrow_envelope.hpp"

#include "cli/failure.hpp"

// cms.h declares less unless this one came first.
#include <openssl/pem.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

namespace tpmvsc::cli {
namespace {

using Envelope = std::unique_ptr<CMS_ContentInfo, openssl::Free<CMS_ContentInfo_free>>;

void use_oaep(CMS_RecipientInfo* recipient) {
    EVP_PKEY_CTX* context = CMS_RecipientInfo_get0_pkey_ctx(recipient);
    openssl::require(context != nullptr &&
                         EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
                         EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1,
                     "EVP_PKEY_CTX_set_rsa_padding");
}

void add_recipient(CMS_ContentInfo* envelope, X509* certificate) {
    CMS_RecipientInfo* recipient = CMS_add1_recipient_cert(envelope, certificate, CMS_KEY_PARAM);
    if (recipient == nullptr) {
        throw Failure(
            ExitCode::unsupported,
            "nothing can be encrypted for a certificate of --escrow-to: its key has to be "
            "RSA or EC (" +
                openssl::reason() + ")");
    }
    if (EVP_PKEY_is_a(X509_get0_pubkey(certificate), "RSA") == 1) {
        use_oaep(recipient);
    }
}

Envelope parse(ByteView pem) {
    const openssl::Bio bio = openssl::reader(pem);
    Envelope envelope(PEM_read_bio_CMS(bio.get(), nullptr, nullptr, nullptr));
    if (!envelope) {
        ERR_clear_error();
        throw Failure(ExitCode::usage, "this is no escrow file: it holds no CMS in PEM form");
    }
    return envelope;
}

} // namespace

std::string seal_envelope(ByteView content, const std::vector<openssl::Certificate>& recipients) {
    const openssl::Bio input = openssl::reader(content);
    const unsigned flags = CMS_BINARY | CMS_PARTIAL;
    const Envelope envelope(CMS_encrypt(nullptr, nullptr, EVP_aes_256_gcm(), flags));
    openssl::require(envelope != nullptr, "CMS_encrypt");
    for (const auto& certificate : recipients) {
        add_recipient(envelope.get(), certificate.get());
    }
    openssl::require(CMS_final(envelope.get(), input.get(), nullptr, flags) == 1, "CMS_final");
    const openssl::Bio output = openssl::writer();
    openssl::require(PEM_write_bio_CMS(output.get(), envelope.get()) == 1, "PEM_write_bio_CMS");
    const ByteView text = openssl::written(output);
    return {text.begin(), text.end()};
}

SecretBytes open_envelope(ByteView pem, EVP_PKEY& key) {
    const Envelope envelope = parse(pem);
    const openssl::Bio output = openssl::writer();
    if (CMS_decrypt(envelope.get(), &key, nullptr, nullptr, output.get(), CMS_BINARY) != 1) {
        ERR_clear_error();
        throw Failure(ExitCode::not_authorised,
                      "this key does not open the escrow file: it is for another one, or damaged");
    }
    return SecretBytes(openssl::written(output));
}

} // namespace tpmvsc::cli
