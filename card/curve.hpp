// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/crypto.hpp"
#include "card/keys.hpp"

namespace tpmvsc::card {

/// curve_of is the host's name for the curve of an elliptic curve key.
inline crypto::Curve curve_of(KeyAlgorithm algorithm) {
    switch (algorithm) {
    case KeyAlgorithm::p384:
        return crypto::Curve::p384;
    case KeyAlgorithm::p521:
        return crypto::Curve::p521;
    default:
        return crypto::Curve::p256;
    }
}

} // namespace tpmvsc::card
