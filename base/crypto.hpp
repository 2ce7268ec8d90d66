// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/secret.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <stdexcept>

/// Host-side cryptography, all of it mbedTLS: what the TPM's session protocol, the sealed files and
/// the symmetric admin key need. Private keys of cards are never here.
namespace tpmvsc::crypto {

/// CryptoError: a wrong size was given, or mbedTLS refused what cannot fail with right arguments
/// (out of memory, no entropy). A broken invariant, never an answer.
class CryptoError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

inline constexpr std::size_t sha256_bytes = 32;

/// sha256 hashes `parts` one after the other.
Bytes sha256(std::initializer_list<ByteView> parts);
/// sha256_secret does the same where the digest is as good as the secret that went in.
SecretBytes sha256_secret(std::initializer_list<ByteView> parts);
/// hmac_sha256 likewise under `key`.
Bytes hmac_sha256(ByteView key, std::initializer_list<ByteView> parts);

/// random_bytes fills from the operating system's generator, getrandom: no state of our own that a
/// fork or a thread could share.
Bytes random_bytes(std::size_t size);
void random_fill(std::span<std::uint8_t> target);

/// AES-128-CFB (128-bit feedback) in place, as TPM 2.0 part 1 section 21.3 encrypts parameters.
void aes128_cfb_encrypt(ByteView key, ByteView iv, std::span<std::uint8_t> data);
void aes128_cfb_decrypt(ByteView key, ByteView iv, std::span<std::uint8_t> data);

/// AES-256-GCM with a fresh random nonce: nonce(12) ciphertext tag(16).
Bytes gcm_seal(ByteView key, ByteView associated, ByteView plain);
/// Nothing when the tag does not fit. The result may be secret: it comes in SecretBytes.
std::optional<SecretBytes> gcm_open(ByteView key, ByteView associated, ByteView sealed);

/// Block ciphers of the admin key. `key` of 24 bytes for triple DES; 16, 24 or 32 for AES. `blocks`
/// is a whole number of blocks; more than one run in CBC mode with a zero IV (which for one block
/// is ECB).
enum class BlockCipher { tdes, aes };
Bytes block_encrypt(BlockCipher cipher, ByteView key, ByteView blocks);
Bytes block_decrypt(BlockCipher cipher, ByteView key, ByteView blocks);
/// True when one of the three DES keys is weak or semi-weak.
bool has_weak_des_key(ByteView tdes_key);

enum class Curve { p256, p384, p521 };
/// Size of the curve's field in bytes: 32, 48, 66.
std::size_t field_bytes(Curve curve);
/// True when `point` (04 X Y) has the right size and lies on the curve.
bool is_on_curve(Curve curve, ByteView point);

/// EcKeyPair is a short-lived key of the host: the sender's half of a key agreement, or the key
/// that signs at a card's creation and is gone afterwards.
class EcKeyPair {
  public:
    static EcKeyPair generate(Curve curve);
    /// The uncompressed point 04 X Y.
    const Bytes& point() const { return point_; }
    /// X coordinate of the shared point with `peer` (04 X Y), in full field length. Nothing when
    /// the peer is not on the curve.
    std::optional<SecretBytes> agree(ByteView peer) const;
    /// ECDSA over a digest; r and s each in full field length, one after the other.
    Bytes sign(ByteView digest) const;

  private:
    EcKeyPair(Curve curve, SecretBytes scalar, Bytes point);
    Curve curve_;
    SecretBytes scalar_;
    Bytes point_;
};

/// RSAES-OAEP with SHA-256 for hash and mask, to a public key of `modulus` and `exponent`. `label`
/// is used as given, with its terminating zero where the protocol has one (TPM: "SECRET\0").
Bytes rsa_oaep_encrypt(ByteView modulus, std::uint32_t exponent, ByteView label, ByteView message);

} // namespace tpmvsc::crypto
