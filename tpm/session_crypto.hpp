// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/secret.hpp"

#include <cstdint>
#include <string_view>

/// The arithmetic of TPM 2.0 sessions, part 1 of the library specification, for SHA-256 and
/// AES-128-CFB: pure functions, so that each can be held against a second implementation.
namespace tpmvsc::tpm {

/// Session attributes, TPMA_SESSION (part 2 section 8.4).
namespace session_attribute {
inline constexpr std::uint8_t continue_session = 0x01;
inline constexpr std::uint8_t decrypt = 0x20; ///< the command's first parameter comes encrypted
inline constexpr std::uint8_t encrypt = 0x40; ///< the response's first parameter shall be encrypted
} // namespace session_attribute

/// kdf_a is KDFa of part 1 section 11.4.10.2 (SP 800-108 counter mode with HMAC-SHA-256).
SecretBytes kdf_a(ByteView key, std::string_view label, ByteView context_u, ByteView context_v,
                  std::uint32_t bits);

/// kdf_e is KDFe of part 1 section 11.4.10.3 (SP 800-56A concatenation KDF), for ECDH secrets.
SecretBytes kdf_e(ByteView shared_x, std::string_view label, ByteView party_u_x, ByteView party_v_x,
                  std::uint32_t bits);

/// session_key is the key that StartAuthSession sets up (part 1 section 19.6.8): KDFa over salt and
/// the bind entity's authorisation value, empty when the session has neither.
SecretBytes session_key(ByteView salt, ByteView bind_auth, ByteView nonce_tpm,
                        ByteView nonce_caller);

/// cp_hash and rp_hash digest a command and a response (part 1 section 16.7 and 16.8).
Bytes cp_hash(std::uint32_t command_code, std::span<const Bytes> names, ByteView parameters);
Bytes rp_hash(std::uint32_t response_code, std::uint32_t command_code, ByteView parameters);

/// HmacInput is what goes into the HMAC of one session (part 1 section 19.6.5). The last two nonces
/// are for the first session alone, when another one decrypts or encrypts.
struct HmacInput {
    ByteView parameter_hash;
    ByteView nonce_newer;
    ByteView nonce_older;
    ByteView nonce_tpm_decrypt{};
    ByteView nonce_tpm_encrypt{};
    std::uint8_t attributes = 0;
};
Bytes session_hmac(ByteView session_key, ByteView auth_value, const HmacInput& input);

/// crypt_parameter en- or decrypts a parameter's content in place (part 1 section 21.3: key and IV
/// by KDFa with label "CFB" from session key and authorisation value).
enum class Direction { encrypt, decrypt };
void crypt_parameter(Direction direction, ByteView session_key, ByteView auth_value,
                     ByteView nonce_newer, ByteView nonce_older, std::span<std::uint8_t> parameter);

/// without_trailing_zeros is how a TPM stores an authorisation value (part 1 section 19.6.4.3
/// note): the host must key its HMAC the same way.
ByteView without_trailing_zeros(ByteView auth_value);

} // namespace tpmvsc::tpm
