// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Setting a new PIN with somebody's help who is far away: the card gives a challenge, the help
/// desk an answer, and people carry both, by telephone.
namespace tpmvsc {

/// ResetKind says what answers a challenge: the admin key, by its cipher, or the private key of the
/// card's authority. The numbers are part of the text.
enum class ResetKind : std::uint8_t {
    admin_tdes = 0x01,
    admin_aes128 = 0x02,
    admin_aes192 = 0x03,
    admin_aes256 = 0x04,
    authority = 0x10,
};

/// ResetChallenge is what the card wants answered.
struct ResetChallenge {
    ResetKind kind = ResetKind::admin_tdes;
    std::uint32_t serial = 0; ///< of the card
    /// 8 bytes for triple DES, else 16: one block, or the nonce of the TPM's session.
    Bytes challenge;

    friend bool operator==(const ResetChallenge&, const ResetChallenge&) = default;
};

/// ResetAnswer is what comes back: encrypted_block() encrypted under the admin key; or the
/// authority's signature over signed_digest(): r and s of ECDSA on P-256, 32 bytes each, or
/// RSASSA-PKCS1-v1_5 with SHA-256 under a key of 2048, 3072 or 4096 bits.
struct ResetAnswer {
    ResetKind kind = ResetKind::admin_tdes;
    Bytes answer;

    friend bool operator==(const ResetAnswer&, const ResetAnswer&) = default;
};

/// ReadText is what was read, or why it could not be, in a sentence for whoever typed it.
template<typename Value>
struct ReadText {
    std::optional<Value> value;
    std::string complaint;
};

/// to_text writes base 32 (base32.hpp) of
///
///     challenge: kind (1 byte), serial number (4), challenge, check
///     answer:    kind (1 byte), answer, check
///
/// The check fills up to a multiple of five bytes and has two to six: the first bytes of SHA-256
/// over "tpmvsc challenge", or "tpmvsc answer" and the challenge's bytes, and what stands before
/// it. So a slip of the tongue shows, and so does the answer to another challenge. It keeps nobody
/// from anything: who may reset the PIN is for the TPM to say.
///
/// A challenge has 24 characters for triple DES, else 40; an answer 24 (triple DES), 32 (AES), 112
/// (P-256) or 416 and more (RSA). std::invalid_argument for sizes that do not belong to the kind.
std::string to_text(const ResetChallenge& challenge);
std::string to_text(const ResetAnswer& answer, const ResetChallenge& challenge);

/// parse_challenge and parse_answer read it, however it is grouped.
ReadText<ResetChallenge> parse_challenge(std::string_view text);
ReadText<ResetAnswer> parse_answer(std::string_view text, const ResetChallenge& challenge);

/// reset_policy_ref is what sets the authority's word on resetting this card's PIN apart from all
/// else that it signs: "tpmvsc PIN reset " and the serial number's four bytes.
Bytes reset_policy_ref(std::uint32_t serial);

/// How long after the challenge the TPM hears the authority's answer, in seconds: a telephone call,
/// and time to get through to somebody.
inline constexpr std::uint32_t reset_answer_life = 3600;

/// signed_digest is what the authority signs: SHA-256 over the challenge, reset_answer_life as the
/// expiration and the policyRef, as TPM2_PolicySigned wants it (TPM 2.0 part 3; without cpHash).
Bytes signed_digest(const ResetChallenge& challenge);

/// encrypted_block is what the admin key's holder encrypts, a block of the challenge's size: the
/// beginning of SHA-256 over the policyRef and the challenge. It is not the challenge itself, so
/// that no protocol of the card edge takes the answer for its own, nor the help desk a challenge of
/// theirs for this.
Bytes encrypted_block(const ResetChallenge& challenge);

} // namespace tpmvsc
