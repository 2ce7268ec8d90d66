// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/ssh_key.hpp"

#include "base/crypto.hpp"
#include "cli/x509/openssl.hpp"

#include <openssl/evp.h>

namespace tpmvsc::cli::x509 {
namespace {

/// RFC 4251 section 5.
void add_string(Bytes& blob, ByteView value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        blob.push_back(static_cast<std::uint8_t>(value.size() >> shift));
    }
    append(blob, value);
}

/// A positive number.
void add_mpint(Bytes& blob, ByteView value) {
    while (!value.empty() && value.front() == 0) {
        value = value.subspan(1);
    }
    Bytes number;
    if (!value.empty() && (value.front() & 0x80) != 0) {
        number.push_back(0);
    }
    append(number, value);
    add_string(blob, number);
}

const char* curve_of(std::size_t point_bytes) {
    switch (point_bytes) {
    case 1 + 2 * 32:
        return "nistp256";
    case 1 + 2 * 48:
        return "nistp384";
    case 1 + 2 * 66:
        return "nistp521";
    default:
        return nullptr;
    }
}

Bytes encode(const card::PublicKey& key) {
    Bytes blob;
    if (key.point.empty()) {
        add_string(blob, as_bytes("ssh-rsa"));
        Bytes exponent;
        for (int shift = 24; shift >= 0; shift -= 8) {
            exponent.push_back(static_cast<std::uint8_t>(key.exponent >> shift));
        }
        add_mpint(blob, exponent);
        add_mpint(blob, key.modulus);
    } else if (const char* curve = curve_of(key.point.size())) {
        add_string(blob, as_bytes(std::string("ecdsa-sha2-") + curve));
        add_string(blob, as_bytes(std::string(curve)));
        add_string(blob, key.point);
    }
    return blob;
}

} // namespace

std::string ssh_fingerprint(const card::PublicKey& key) {
    const Bytes blob = encode(key);
    if (blob.empty()) {
        return "";
    }
    const Bytes digest = crypto::sha256({blob});
    std::string text(4 * ((digest.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), digest.data(),
                                     static_cast<int>(digest.size()));
    text.resize(static_cast<std::size_t>(size));
    text.erase(text.find_last_not_of('=') + 1);
    return "SHA256:" + text;
}

} // namespace tpmvsc::cli::x509
