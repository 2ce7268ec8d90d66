// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "tpm/authority.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace tpmvsc::card {

enum class AdminAlgorithm { tdes, aes128, aes192, aes256 };

/// Size of a block and of a key in bytes.
std::size_t block_bytes(AdminAlgorithm algorithm);
std::size_t key_bytes(AdminAlgorithm algorithm);

/// AdminSession is proof that the host has shown knowledge of the admin key; only an AdminKey makes
/// one. While it lives the key itself is at hand for the rest of a protocol (the card's own answer
/// to a host's challenge) and for changing it.
class AdminSession {
  public:
    ~AdminSession();
    AdminSession(AdminSession&&) noexcept;
    AdminSession& operator=(AdminSession&&) noexcept;
    /// Encrypts one block (or in CBC mode with a zero IV several) under the admin key.
    Bytes encrypt(ByteView blocks) const;
    Bytes decrypt(ByteView blocks) const;
    /// What opens the card's authority object in the TPM.
    ByteView authority_value() const { return authority_value_.view(); }
    AdminAlgorithm algorithm() const { return algorithm_; }
    /// The key itself, for sealing it anew.
    ByteView key() const { return key_.view(); }

  private:
    friend class SealedAdminKey;
    friend class Card; // on a blank card only
    AdminSession(AdminAlgorithm algorithm, SecretBytes key, SecretBytes authority_value);
    AdminAlgorithm algorithm_;
    SecretBytes key_;
    SecretBytes authority_value_;
};

/// Which way the host answers a challenge block.
enum class AdminProof {
    encrypts, ///< the host returns E(challenge): external authenticate
    decrypts, ///< the host returns D(challenge): the challenge is a witness, mutual authenticate
    spoken,   ///< people bring back E(encrypted_block(challenge)), see base/reset_challenge.hpp
};

/// AdminKey is the card's symmetric administration key. The key is kept under the TPM and never
/// leaves this class but inside an AdminSession.
class AdminKey {
  public:
    virtual ~AdminKey() = default;
    virtual AdminAlgorithm algorithm() const = 0;
    /// True when it still is the well-known key (0102030405060708 three times for 3DES and
    /// AES-192).
    virtual bool is_default() const = 0;
    /// A block for the host to answer. For AdminProof::decrypts it serves as the witness: to a host
    /// it looks like an encrypted random block, which it is (of an unknown one). It may be given
    /// out again until it was answered rightly; two in a row are never the same, but of
    /// AdminProof::spoken there is one at a time.
    virtual Bytes challenge(AdminProof proof) = 0;
    /// How long no answer is heard, after too many wrong ones in a row; mostly zero. Ask before a
    /// challenge is given and before an answer is checked.
    virtual std::chrono::seconds locked_for() = 0;
    /// Checks the host's `answer` to `challenge`, which is spent whatever comes of it. Nothing when
    /// the answer is wrong, which is counted, and while locked_for() is not over, when nothing is
    /// compared.
    virtual std::optional<AdminSession> check(AdminProof proof, ByteView challenge,
                                              ByteView answer) = 0;
    /// The object that stands for this key in the TPM's policies.
    virtual const tpm::Authority& authority() const = 0;
    /// Replaces the key. What the former one could open, in old copies of the card's folder too, it
    /// opens no more.
    virtual void change(const AdminSession& proof, AdminAlgorithm algorithm, ByteView new_key) = 0;
    /// Replaces all challenges: no answer that was ever given opens anything again, in old copies
    /// neither. For answers that have been spoken or written down.
    virtual void retire_challenges(const AdminSession& proof) = 0;
};

/// Well-known key value for `algorithm` ("default"): 01 to 08 over and over, in the key's size. For
/// 3DES and AES-192 that is what PIV tools and tpmvscmgr call the default.
Bytes default_admin_key(AdminAlgorithm algorithm);

} // namespace tpmvsc::card
