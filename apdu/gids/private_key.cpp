// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/private_key.hpp"

#include "base/tlv.hpp"

#include <algorithm>

namespace tpmvsc::gids {

namespace {

constexpr std::uint32_t tag_sequence = 0x30;
constexpr std::uint32_t tag_integer = 0x02;

/// The order of RSAPrivateKey: version, modulus, both exponents, and then the five parts.
enum Field : std::size_t { version, modulus, public_exponent, private_exponent, first_part };
constexpr std::size_t fields = std::size_t{first_part} + std::size_t{ImportedKey::parts};
constexpr std::uint64_t only_exponent = 65537;

ByteView unsigned_number(ByteView integer) {
    while (!integer.empty() && integer.front() == 0) {
        integer = integer.subspan(1);
    }
    return integer;
}

std::optional<card::KeyAlgorithm> algorithm_of(ByteView number) {
    for (const auto algorithm : tpm::all_key_algorithms) {
        if (card::is_rsa(algorithm) && card::key_bytes(algorithm) == number.size()) {
            return algorithm;
        }
    }
    return std::nullopt;
}

std::optional<SecretBytes> padded(ByteView number, std::size_t size) {
    if (number.empty() || number.size() > size) {
        return std::nullopt;
    }
    SecretBytes result(size);
    std::copy(number.begin(), number.end(), result.span().last(number.size()).begin());
    return result;
}

} // namespace

std::optional<ImportedKey> parse_private_key(ByteView encoded) {
    const auto outer = parse_all(encoded);
    if (!outer || outer->size() != 1 || outer->front().tag != tag_sequence) {
        return std::nullopt;
    }
    const auto integers = parse_all(outer->front().value);
    const auto is_integer = [](const Tlv& object) { return object.tag == tag_integer; };
    if (!integers || integers->size() != fields ||
        !std::all_of(integers->begin(), integers->end(), is_integer)) {
        return std::nullopt;
    }
    const auto number = [&](std::size_t i) { return unsigned_number((*integers)[i].value); };
    const ByteView exponent = number(public_exponent);
    const auto algorithm = algorithm_of(number(modulus));
    if (!algorithm || exponent.size() > sizeof(std::uint64_t) ||
        read_big_endian(exponent) != only_exponent) {
        return std::nullopt;
    }
    ImportedKey key;
    key.algorithm = *algorithm;
    key.modulus = to_bytes(number(modulus));
    for (std::size_t i = 0; i < ImportedKey::parts; ++i) {
        auto part = padded(number(first_part + i), card::key_bytes(*algorithm) / 2);
        if (!part) {
            return std::nullopt;
        }
        key.numbers[i] = std::move(*part);
    }
    return key;
}

} // namespace tpmvsc::gids
