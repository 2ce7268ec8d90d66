// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/certificate.hpp"

#include "cli/x509/public_key.hpp"

#include <openssl/pem.h>

#include <array>
#include <ctime>

namespace tpmvsc::cli::x509 {
namespace {

std::string name_text(const X509_NAME* name) {
    const BioHandle bio = openssl::writer();
    constexpr unsigned long form = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
    require(X509_NAME_print_ex(bio.get(), name, 0, form) >= 0, "write a name");
    const Bytes text = contents_of(bio);
    return {text.begin(), text.end()};
}

std::string time_text(const ASN1_TIME* time) {
    std::tm moment{};
    require(ASN1_TIME_to_tm(time, &moment) == 1, "read a time");
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &moment);
    return text.data();
}

} // namespace

std::optional<Certificate> Certificate::from_der(ByteView der) {
    CertificateHandle handle(x509::from_der(d2i_X509, der));
    return handle ? std::optional<Certificate>(std::in_place, std::move(handle)) : std::nullopt;
}

Bytes Certificate::der() const {
    return to_der<X509>([](X509* one, unsigned char** out) { return i2d_X509(one, out); },
                        handle_.get());
}

Bytes Certificate::pem() const {
    const BioHandle bio = openssl::writer();
    require(PEM_write_bio_X509(bio.get(), handle_.get()) == 1, "write the certificate");
    return contents_of(bio);
}

std::string Certificate::subject() const {
    return name_text(X509_get_subject_name(handle_.get()));
}

std::string Certificate::issuer() const {
    return name_text(X509_get_issuer_name(handle_.get()));
}

std::string Certificate::serial() const {
    const BignumHandle number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(handle_.get()), nullptr));
    require(number != nullptr, "read the serial number");
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number.get())));
    BN_bn2bin(number.get(), bytes.data());
    return to_hex(bytes);
}

std::string Certificate::not_before() const {
    return time_text(X509_get0_notBefore(handle_.get()));
}

std::string Certificate::not_after() const {
    return time_text(X509_get0_notAfter(handle_.get()));
}

bool Certificate::expired() const {
    return X509_cmp_current_time(X509_get0_notAfter(handle_.get())) < 0;
}

bool Certificate::not_yet_valid() const {
    return X509_cmp_current_time(X509_get0_notBefore(handle_.get())) > 0;
}

bool Certificate::has_purpose(const std::string& oid) const {
    const Owned<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> purposes(
        static_cast<EXTENDED_KEY_USAGE*>(
            X509_get_ext_d2i(handle_.get(), NID_ext_key_usage, nullptr, nullptr)));
    const Owned<ASN1_OBJECT, ASN1_OBJECT_free> wanted(OBJ_txt2obj(oid.c_str(), 1));
    for (int i = 0; purposes && i < sk_ASN1_OBJECT_num(purposes.get()); ++i) {
        if (OBJ_cmp(sk_ASN1_OBJECT_value(purposes.get(), i), wanted.get()) == 0) {
            return true;
        }
    }
    return false;
}

bool Certificate::self_issued() const {
    return X509_NAME_cmp(X509_get_subject_name(handle_.get()),
                         X509_get_issuer_name(handle_.get())) == 0;
}

bool Certificate::is_for(const card::PublicKey& key) const {
    const EVP_PKEY* own = X509_get0_pubkey(handle_.get());
    return own != nullptr && EVP_PKEY_eq(own, handle_of(key).get()) == 1;
}

} // namespace tpmvsc::cli::x509
