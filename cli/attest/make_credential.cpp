// SPDX-License-Identifier: Apache-2.0
#include "cli/attest/make_credential.hpp"

#include "base/crypto.hpp"

#include <string_view>

namespace tpmvsc::cli::attest {
namespace {

constexpr std::string_view identity_label{"IDENTITY\0", 9}; // with its zero
constexpr std::string_view storage_label{"STORAGE\0", 8};
constexpr std::string_view integrity_label{"INTEGRITY\0", 10};
constexpr std::uint32_t cipher_bits = 128;
constexpr std::uint32_t digest_bits = 256;

/// KDFa and KDFe of part 1 section 11.4.10, for what one block of SHA-256 gives.
Bytes kdf_a(ByteView key, std::string_view label, ByteView context, std::uint32_t bits) {
    Bytes block =
        crypto::hmac_sha256(key, {big_endian32(1), as_bytes(label), context, big_endian32(bits)});
    block.resize(bits / 8);
    return block;
}

Bytes kdf_e(ByteView shared, std::string_view label, ByteView u, ByteView v) {
    return crypto::sha256({big_endian32(1), shared, as_bytes(label), u, v});
}

Bytes with_size(ByteView bytes) {
    return concat({big_endian16(static_cast<std::uint16_t>(bytes.size())), bytes});
}

/// Seed is shared with the endorsement key's TPM, and how it gets there.
struct Seed {
    Bytes value;
    Bytes encrypted;
};

Seed seed_by_ecdh(const PublicArea& key) {
    const auto ephemeral = crypto::EcKeyPair::generate(crypto::Curve::p256);
    const auto shared = ephemeral.agree(key.point);
    demand(shared.has_value(), "the endorsement key is off its curve");
    const std::size_t field = crypto::field_bytes(crypto::Curve::p256);
    const ByteView x = ByteView(ephemeral.point()).subspan(1, field);
    const ByteView y = ByteView(ephemeral.point()).subspan(1 + field, field);
    return {kdf_e(shared->view(), identity_label, x, ByteView(key.point).subspan(1, field)),
            concat({with_size(x), with_size(y)})};
}

Seed seed_by_oaep(const PublicArea& key) {
    Seed seed{crypto::random_bytes(crypto::sha256_bytes), {}};
    seed.encrypted =
        crypto::rsa_oaep_encrypt(key.modulus, key.exponent, as_bytes(identity_label), seed.value);
    return seed;
}

} // namespace

Credential make_credential(const PublicArea& endorsement_key, ByteView object_name,
                           ByteView secret) {
    demand(endorsement_key.has(restricted | decrypts) && endorsement_key.wraps_by_aes128 &&
               (endorsement_key.kind == "P-256" || endorsement_key.kind == "RSA-2048"),
           "the endorsement key is of no template that credentials can be made for");
    const Seed seed =
        endorsement_key.is_rsa() ? seed_by_oaep(endorsement_key) : seed_by_ecdh(endorsement_key);
    Bytes identity = with_size(secret);
    const Bytes no_iv(16, 0);
    crypto::aes128_cfb_encrypt(kdf_a(seed.value, storage_label, object_name, cipher_bits), no_iv,
                               identity);
    const Bytes integrity = crypto::hmac_sha256(kdf_a(seed.value, integrity_label, {}, digest_bits),
                                                {identity, object_name});
    return {concat({with_size(integrity), identity}), seed.encrypted};
}

} // namespace tpmvsc::cli::attest
