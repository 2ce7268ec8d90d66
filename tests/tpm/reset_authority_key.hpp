// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/reset_challenge.hpp"

namespace tpmvsc {

/// ResetAuthorityKey is the help desk's key pair.
class ResetAuthorityKey {
  public:
    /// SubjectPublicKeyInfo (RFC 5480 section 2) of an uncompressed point on P-256.
    Bytes public_key() const {
        return concat({from_hex("3059301306072A8648CE3D020106082A8648CE3D030107034200").value(),
                       key_.point()});
    }
    Bytes answer(const ResetChallenge& challenge) const {
        return key_.sign(signed_digest(challenge));
    }

  private:
    crypto::EcKeyPair key_ = crypto::EcKeyPair::generate(crypto::Curve::p256);
};

} // namespace tpmvsc
