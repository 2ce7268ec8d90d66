// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "card/keys.hpp"

#include <array>
#include <optional>

namespace tpmvsc::gids {

/// ImportedKey is a private RSA key as PUT KEY carries it, its five parts in half the modulus'
/// size each. It wipes itself.
struct ImportedKey {
    enum Part : std::size_t { p, q, dp, dq, q_inverse, parts };

    card::KeyAlgorithm algorithm = card::KeyAlgorithm::rsa2048;
    Bytes modulus;
    std::array<SecretBytes, parts> numbers;
};

/// parse_private_key reads an RSAPrivateKey (RFC 8017 appendix A.1.2). Its numbers are taken for
/// unsigned ones: Windows writes DER, OpenSC leaves out the sign byte and leading zeros. Nothing
/// when it is malformed, of another size than 1024, 2048, 3072 or 4096 bits, or has an exponent
/// other than 65537.
std::optional<ImportedKey> parse_private_key(ByteView encoded);

} // namespace tpmvsc::gids
