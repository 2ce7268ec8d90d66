// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/algorithms.hpp"

#include <algorithm>
#include <array>

namespace tpmvsc::gids {

namespace {

using card::KeyAlgorithm;

struct KeyRow {
    std::uint8_t reference;
    KeyAlgorithm algorithm;
};

/// P-192 and P-224 (0A, 0B) are on no TPM.
constexpr std::array keys{
    KeyRow{0x06, KeyAlgorithm::rsa1024}, KeyRow{0x07, KeyAlgorithm::rsa2048},
    KeyRow{0x08, KeyAlgorithm::rsa3072}, KeyRow{0x09, KeyAlgorithm::rsa4096},
    KeyRow{0x0C, KeyAlgorithm::p256},    KeyRow{0x0D, KeyAlgorithm::p384},
    KeyRow{0x0E, KeyAlgorithm::p521},
};

struct UsageRow {
    Usage usage;
    std::uint8_t reference;
    Padding padding;
    bool rsa_only;
};

constexpr std::array usages{
    UsageRow{Usage::sign, 0x10, Padding::none, false},
    UsageRow{Usage::sign, 0x50, Padding::pkcs1, true},
    UsageRow{Usage::decipher, 0x00, Padding::none, true},
    UsageRow{Usage::decipher, 0x40, Padding::pkcs1, true},
    UsageRow{Usage::decipher, 0x80, Padding::oaep, true},
};

} // namespace

std::optional<KeyAlgorithm> generate_algorithm(std::uint8_t reference) {
    for (const KeyRow& row : keys) {
        if (row.reference == reference) {
            return row.algorithm;
        }
    }
    return std::nullopt;
}

std::uint8_t reference_of(KeyAlgorithm algorithm) {
    const auto row = std::find_if(keys.begin(), keys.end(), [algorithm](const KeyRow& one) {
        return one.algorithm == algorithm;
    });
    return row == keys.end() ? 0 : row->reference;
}

std::vector<std::uint8_t> references_of(KeyAlgorithm algorithm, Usage usage) {
    std::vector<std::uint8_t> references;
    for (const UsageRow& row : usages) {
        if (row.usage == usage && (!row.rsa_only || card::is_rsa(algorithm))) {
            references.push_back(
                static_cast<std::uint8_t>(row.reference | reference_of(algorithm)));
        }
    }
    return references;
}

std::optional<KeyUsage> key_usage(Usage usage, std::uint8_t reference) {
    const auto algorithm = generate_algorithm(reference & 0x0F);
    for (const UsageRow& row : usages) {
        if (algorithm && row.usage == usage && row.reference == (reference & 0xF0) &&
            (!row.rsa_only || card::is_rsa(*algorithm))) {
            return KeyUsage{usage, row.padding, *algorithm};
        }
    }
    return std::nullopt;
}

} // namespace tpmvsc::gids
