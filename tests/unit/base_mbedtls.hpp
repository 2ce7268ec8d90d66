// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/crypto.hpp"

#include <memory>
#include <optional>

/// The other side of public-key cryptography, written against mbedTLS's lowest functions and so
/// independent of what is under test.
namespace tpmvsc::test {

/// EcReference is a key pair that multiplies points and nothing else.
class EcReference {
  public:
    explicit EcReference(crypto::Curve curve);
    ~EcReference();
    const Bytes& point() const { return point_; }
    /// X coordinate of this scalar times `peer`.
    Bytes shared_x(ByteView peer);

  private:
    struct State;
    std::unique_ptr<State> state_;
    Bytes point_;
};

/// ecdsa_verify checks r and s (full field length each) over `digest`.
bool ecdsa_verify(crypto::Curve curve, ByteView point, ByteView digest, ByteView signature);

/// RsaReference is a private RSA key.
class RsaReference {
  public:
    /// One key for the whole program: making it takes a while.
    static RsaReference& of_2048_bits();
    Bytes modulus();
    /// Nothing when the padding or the label does not fit.
    std::optional<Bytes> oaep_decrypt(ByteView label, ByteView cipher);

  private:
    RsaReference();
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace tpmvsc::test
