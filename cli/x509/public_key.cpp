// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/public_key.hpp"

#include "base/crypto.hpp"
#include "cli/x509/der.hpp"

#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <array>

namespace tpmvsc::cli::x509 {
namespace {

constexpr std::array<std::uint8_t, 11> oid_rsa{0x06, 0x09, 0x2A, 0x86, 0x48, 0x86,
                                               0xF7, 0x0D, 0x01, 0x01, 0x01};
constexpr std::array<std::uint8_t, 9> oid_ec{0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
constexpr std::array<std::uint8_t, 2> null{0x05, 0x00};

/// What OpenSSL calls the keys of a card.
struct Kind {
    card::KeyAlgorithm algorithm;
    int type;
    int bits;
};

constexpr std::array kinds{
    Kind{card::KeyAlgorithm::rsa1024, EVP_PKEY_RSA, 1024},
    Kind{card::KeyAlgorithm::rsa2048, EVP_PKEY_RSA, 2048},
    Kind{card::KeyAlgorithm::rsa3072, EVP_PKEY_RSA, 3072},
    Kind{card::KeyAlgorithm::rsa4096, EVP_PKEY_RSA, 4096},
    Kind{card::KeyAlgorithm::p256, EVP_PKEY_EC, 256},
    Kind{card::KeyAlgorithm::p384, EVP_PKEY_EC, 384},
};

/// Named by their OIDs, DER; the size of the point tells which.
Bytes curve_oid(const card::PublicKey& key) {
    constexpr std::size_t p256_point = 65;
    return key.point.size() == p256_point
               ? Bytes{0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07}
               : Bytes{0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22};
}

Bytes number(const EVP_PKEY& key, const char* name) {
    BIGNUM* found = nullptr;
    require(EVP_PKEY_get_bn_param(&key, name, &found) == 1, "read the public key");
    const BignumHandle value(found);
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(value.get())));
    BN_bn2bin(value.get(), bytes.data());
    return bytes;
}

/// OpenSSL may have read a compressed point; the coordinates are the same for all forms.
Bytes uncompressed_point(const EVP_PKEY& key, card::KeyAlgorithm algorithm) {
    const std::size_t size = card::key_bytes(algorithm);
    return concat({Bytes{0x04}, left_pad(number(key, OSSL_PKEY_PARAM_EC_PUB_X), size),
                   left_pad(number(key, OSSL_PKEY_PARAM_EC_PUB_Y), size)});
}

bool is_nist_curve(const EVP_PKEY& key) {
    std::array<char, 40> group{};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(&key, group.data(), group.size(), &size) != 1) {
        return false;
    }
    const std::string name(group.data());
    return name == "prime256v1" || name == "P-256" || name == "secp384r1" || name == "P-384";
}

} // namespace

Bytes key_info_of(const card::PublicKey& key) {
    if (key.point.empty()) {
        const Bytes numbers =
            der::sequence({der::integer(key.modulus), der::integer(big_endian32(key.exponent))});
        return der::sequence({der::sequence({oid_rsa, null}), der::bit_string(numbers)});
    }
    return der::sequence({der::sequence({oid_ec, curve_oid(key)}), der::bit_string(key.point)});
}

KeyHandle handle_of(const card::PublicKey& key) {
    KeyHandle handle(from_der(d2i_PUBKEY, key_info_of(key)));
    require(handle != nullptr, "understand the card's public key");
    return handle;
}

Bytes public_key_pem(const card::PublicKey& key) {
    const BioHandle bio = openssl::writer();
    require(PEM_write_bio_PUBKEY(bio.get(), handle_of(key).get()) == 1, "write the public key");
    return contents_of(bio);
}

std::string fingerprint(const card::PublicKey& key) {
    return to_hex(crypto::sha256({key_info_of(key)}));
}

std::optional<card::KeyAlgorithm> algorithm_of(const EVP_PKEY& key) {
    for (const Kind& kind : kinds) {
        if (EVP_PKEY_get_base_id(&key) == kind.type && EVP_PKEY_get_bits(&key) == kind.bits &&
            (kind.type == EVP_PKEY_RSA || is_nist_curve(key))) {
            return kind.algorithm;
        }
    }
    return std::nullopt;
}

std::optional<card::PublicKey> public_key_of(const EVP_PKEY& key) {
    const auto algorithm = algorithm_of(key);
    if (!algorithm) {
        return std::nullopt;
    }
    card::PublicKey found;
    if (!card::is_rsa(*algorithm)) {
        found.point = uncompressed_point(key, *algorithm);
        return found;
    }
    const Bytes exponent = number(key, OSSL_PKEY_PARAM_RSA_E);
    if (exponent.size() > sizeof found.exponent) {
        return std::nullopt;
    }
    found.modulus = number(key, OSSL_PKEY_PARAM_RSA_N);
    found.exponent = static_cast<std::uint32_t>(read_big_endian(exponent));
    return found;
}

} // namespace tpmvsc::cli::x509
