// SPDX-License-Identifier: Apache-2.0
#include "cli/client/public_key_objects.hpp"

#include "base/tlv.hpp"

namespace tpmvsc::cli::client {
namespace {

constexpr std::uint32_t tag_public_key = 0x7F49;
constexpr std::uint32_t tag_modulus = 0x81;
constexpr std::uint32_t tag_exponent = 0x82;
constexpr std::uint32_t tag_point = 0x86;

} // namespace

std::optional<card::PublicKey> read_public_key(ByteView objects) {
    const TlvReader reader(objects);
    card::PublicKey key;
    if (const auto point = reader.find(tag_point)) {
        key.point = to_bytes(point->value);
        return key;
    }
    const auto modulus = reader.find(tag_modulus);
    const auto exponent = reader.find(tag_exponent);
    if (!modulus || !exponent || exponent->value.size() > sizeof key.exponent) {
        return std::nullopt;
    }
    key.modulus = to_bytes(modulus->value);
    key.exponent = static_cast<std::uint32_t>(read_big_endian(exponent->value));
    return key;
}

std::optional<card::PublicKey> read_public_key_template(ByteView answer) {
    const auto outer = TlvReader(answer).find(tag_public_key);
    return outer ? read_public_key(outer->value) : std::nullopt;
}

std::optional<card::KeyAlgorithm> algorithm_of(const card::PublicKey& key) {
    for (const card::KeyAlgorithm algorithm : tpm::all_key_algorithms) {
        const std::size_t size = card::key_bytes(algorithm);
        if (card::is_rsa(algorithm) ? key.modulus.size() == size
                                    : key.point.size() == 1 + 2 * size) {
            return algorithm;
        }
    }
    return std::nullopt;
}

} // namespace tpmvsc::cli::client
