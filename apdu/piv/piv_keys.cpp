// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/piv_keys.hpp"

#include <algorithm>
#include <array>

namespace tpmvsc::piv {

namespace {

using card::AdminAlgorithm;
using card::KeyAlgorithm;
using card::PinPolicy;

constexpr std::size_t named_references = 4;
constexpr std::uint32_t first_retired_certificate = 0x5FC10D;

constexpr auto make_references() {
    std::array<KeyReference, named_references + retired_slots> rows{{
        {0x9A, PinPolicy::once, 0x5FC105, false, false},   // PIV authentication
        {0x9C, PinPolicy::always, 0x5FC10A, false, false}, // digital signature
        {0x9D, PinPolicy::once, 0x5FC10B, true, false},    // key management
        {0x9E, PinPolicy::never, 0x5FC101, false, false},  // card authentication
    }};
    for (unsigned i = 0; i < retired_slots; ++i) {
        rows[named_references + i] = {static_cast<card::KeySlot>(first_retired_slot + i),
                                      PinPolicy::once, first_retired_certificate + i, true, true};
    }
    return rows;
}

constexpr auto references = make_references();

struct KeyAlgorithmRow {
    std::uint8_t identifier;
    KeyAlgorithm algorithm;
};

constexpr std::array key_algorithms{
    KeyAlgorithmRow{0x05, KeyAlgorithm::rsa3072}, KeyAlgorithmRow{0x06, KeyAlgorithm::rsa1024},
    KeyAlgorithmRow{0x07, KeyAlgorithm::rsa2048}, KeyAlgorithmRow{0x16, KeyAlgorithm::rsa4096},
    KeyAlgorithmRow{0x11, KeyAlgorithm::p256},    KeyAlgorithmRow{0x14, KeyAlgorithm::p384},
};

struct AdminAlgorithmRow {
    std::uint8_t identifier;
    AdminAlgorithm algorithm;
};

constexpr std::array admin_algorithms{
    AdminAlgorithmRow{0x03, AdminAlgorithm::tdes},
    AdminAlgorithmRow{0x00, AdminAlgorithm::tdes},
    AdminAlgorithmRow{0x08, AdminAlgorithm::aes128},
    AdminAlgorithmRow{0x0A, AdminAlgorithm::aes192},
    AdminAlgorithmRow{0x0C, AdminAlgorithm::aes256},
};

template<typename Rows>
auto algorithm_in(const Rows& rows, std::uint8_t identifier)
    -> std::optional<decltype(rows.front().algorithm)> {
    for (const auto& row : rows) {
        if (row.identifier == identifier) {
            return row.algorithm;
        }
    }
    return std::nullopt;
}

template<typename Rows, typename Algorithm>
std::optional<std::uint8_t> identifier_in(const Rows& rows, Algorithm algorithm) {
    for (const auto& row : rows) {
        if (row.algorithm == algorithm) {
            return row.identifier;
        }
    }
    return std::nullopt;
}

} // namespace

std::span<const KeyReference> key_references() {
    return references;
}

const KeyReference* find_key_reference(std::uint8_t reference) {
    const auto found =
        std::find_if(references.begin(), references.end(),
                     [reference](const KeyReference& row) { return row.slot == reference; });
    return found == references.end() ? nullptr : &*found;
}

bool may_hold(card::KeySlot slot, KeyAlgorithm algorithm, const Options& options) {
    return algorithm != KeyAlgorithm::rsa1024 || options.rsa1024_in_any_slot ||
           find_key_reference(slot)->retired;
}

std::optional<KeyAlgorithm> key_algorithm(std::uint8_t identifier) {
    return algorithm_in(key_algorithms, identifier);
}

std::optional<std::uint8_t> identifier_of(KeyAlgorithm algorithm) {
    return identifier_in(key_algorithms, algorithm);
}

std::optional<AdminAlgorithm> admin_algorithm(std::uint8_t identifier) {
    return algorithm_in(admin_algorithms, identifier);
}

std::uint8_t identifier_of(AdminAlgorithm algorithm) {
    return *identifier_in(admin_algorithms, algorithm);
}

} // namespace tpmvsc::piv
