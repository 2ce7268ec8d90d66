// SPDX-License-Identifier: Apache-2.0
#include "tpm/key_algorithm.hpp"

namespace tpmvsc::tpm {

namespace {

struct Row {
    KeyAlgorithm algorithm;
    const char* name;
    bool rsa;
    std::size_t bytes;
};

constexpr std::array rows{
    Row{KeyAlgorithm::rsa1024, "RSA-1024", true, 128},
    Row{KeyAlgorithm::rsa2048, "RSA-2048", true, 256},
    Row{KeyAlgorithm::rsa3072, "RSA-3072", true, 384},
    Row{KeyAlgorithm::rsa4096, "RSA-4096", true, 512},
    Row{KeyAlgorithm::p256, "P-256", false, 32},
    Row{KeyAlgorithm::p384, "P-384", false, 48},
    Row{KeyAlgorithm::p521, "P-521", false, 66},
};

const Row& row_of(KeyAlgorithm algorithm) {
    return rows[static_cast<std::size_t>(algorithm)];
}

} // namespace

bool is_rsa(KeyAlgorithm algorithm) {
    return row_of(algorithm).rsa;
}

std::size_t key_bytes(KeyAlgorithm algorithm) {
    return row_of(algorithm).bytes;
}

const char* algorithm_name(KeyAlgorithm algorithm) {
    return row_of(algorithm).name;
}

std::optional<KeyAlgorithm> algorithm_from_name(std::string_view name) {
    for (const Row& row : rows) {
        if (name == row.name)
            return row.algorithm;
    }
    return std::nullopt;
}

} // namespace tpmvsc::tpm
