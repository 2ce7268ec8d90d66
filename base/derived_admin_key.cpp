// SPDX-License-Identifier: Apache-2.0
#include "base/derived_admin_key.hpp"

#include "base/crypto.hpp"
#include "base/hkdf.hpp"

#include <bit>
#include <stdexcept>

namespace tpmvsc {
namespace {

constexpr std::size_t tdes_key_bytes = 24;
constexpr std::size_t card_id_bytes = 16;
/// A weak key turns up once in 2^50 or so: two tries are one too many already.
constexpr std::size_t tries = 4;

/// Each byte of a DES key has an odd number of bits, by its lowest (FIPS 46-3).
std::uint8_t with_odd_parity(std::uint8_t byte) {
    const auto upper = static_cast<std::uint8_t>(byte & 0xFE);
    return static_cast<std::uint8_t>(upper | (std::popcount(upper) % 2 == 0 ? 1 : 0));
}

} // namespace

SecretBytes first_strong_key(ByteView stream) {
    for (; stream.size() >= tdes_key_bytes; stream = stream.subspan(tdes_key_bytes)) {
        SecretBytes key(stream.first(tdes_key_bytes));
        for (std::uint8_t& byte : key.span())
            byte = with_odd_parity(byte);
        if (!crypto::has_weak_des_key(key.view()))
            return key;
    }
    return {};
}

SecretBytes derive_admin_key(ByteView master, const AdminCipher& cipher, ByteView card_id) {
    if (master.size() < least_master_bytes || card_id.size() != card_id_bytes)
        throw std::invalid_argument("derive_admin_key: master secret or card id of a wrong size");
    const Bytes info = concat({as_bytes("tpmvsc admin key"), as_bytes(cipher.name), card_id});
    if (cipher.kind != ResetKind::admin_tdes)
        return crypto::hkdf_sha256(master, {}, info, cipher.key_bytes);
    const SecretBytes stream = crypto::hkdf_sha256(master, {}, info, tries * tdes_key_bytes);
    SecretBytes key = first_strong_key(stream.view());
    if (key.empty())
        throw crypto::CryptoError("derive_admin_key: weak DES keys only");
    return key;
}

} // namespace tpmvsc
