// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "tpm/key_algorithm.hpp"

#include <cstdint>

namespace tpmvsc::card {

/// ObjectTag names a data object. PIV: its tag, such as 5FC102; GIDS: the identifier of the file
/// that it is in, and then its tag of up to three bytes.
using ObjectTag = std::uint64_t;

/// KeySlot is the profile's own key reference (PIV: 9A, 9C, ...; GIDS: 81, 82, ...).
using KeySlot = std::uint8_t;

using tpm::algorithm_name;
using tpm::is_rsa;
using tpm::key_bytes;
using tpm::KeyAlgorithm;
using tpm::RsaPadding;

/// When a key asks for the PIN: never, once per login, or directly before each use.
enum class PinPolicy { never, once, always };

enum class KeyOrigin { generated, imported };

/// PublicKey holds an RSA modulus and exponent, or an uncompressed point (04 X Y).
struct PublicKey {
    Bytes modulus;
    std::uint32_t exponent = 0;
    Bytes point;
};

struct KeyInfo {
    KeyAlgorithm algorithm = KeyAlgorithm::p256;
    PinPolicy pin_policy = PinPolicy::once;
    KeyOrigin origin = KeyOrigin::generated;
    PublicKey public_key;
};

/// KeyOutcome is the answer to a private-key operation.
struct KeyOutcome {
    enum class Result {
        done,
        no_key,       ///< the slot is empty
        wrong_kind,   ///< the key is of another algorithm than the operation
        bad_input,    ///< block, digest or point out of what the key takes
        pin_required, ///< no login holds, or the TPM has just ended it
        locked,       ///< the TPM's dictionary-attack lockout
    };
    Result result = Result::done;
    Bytes data; ///< the result where done

    bool done() const { return result == Result::done; }
};

/// How an ECDSA signature is written: DER (SEQUENCE of two INTEGERs), or r and s one after the
/// other, each of the field's size.
enum class EcdsaForm { der, plain };

} // namespace tpmvsc::card
