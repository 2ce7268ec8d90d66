// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>

/// What a verifier reads of TPM 2.0 part 2's structures, without a TPM and its libraries.
namespace tpmvsc::cli::attest {

/// Refused says why something proves nothing.
class Refused : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// demand throws Refused with `what` unless `fact`.
void demand(bool fact, const std::string& what);

/// name_of computes a Name with SHA-256: of a public area, or of a parent's qualified Name followed
/// by a Name (part 1 section 16).
Bytes name_of(ByteView area);

/// policy_secret computes the policy digest of PolicySecret alone.
Bytes policy_secret(ByteView entity_name);

/// PublicArea is a TPMT_PUBLIC of an RSA or ECC key whose name algorithm is SHA-256.
struct PublicArea {
    /// Throws Refused, which calls the key `what`.
    PublicArea(ByteView area, const std::string& what);

    bool is_rsa() const { return !modulus.empty(); }
    /// Bound to one TPM and parent, and made in there.
    bool is_fixed() const;
    bool has(std::uint32_t attribute) const { return (attributes & attribute) == attribute; }

    std::string kind; ///< "RSA-2048", "P-256"
    Bytes name;
    std::uint32_t attributes = 0;
    Bytes policy;
    bool wraps_by_aes128 = false; ///< AES-128-CFB, else nothing
    Bytes modulus;                ///< RSA
    std::uint32_t exponent = 0;
    Bytes point; ///< ECC: 04 X Y
};

/// Object attributes, TPMA_OBJECT.
inline constexpr std::uint32_t user_with_auth = 1u << 6;
inline constexpr std::uint32_t restricted = 1u << 16;
inline constexpr std::uint32_t decrypts = 1u << 17;
inline constexpr std::uint32_t signs = 1u << 18;

/// PinIndexArea is a TPMS_NV_PUBLIC of an index that guards a PIN. Throws Refused for any other.
struct PinIndexArea {
    explicit PinIndexArea(ByteView area);

    Bytes name;
    bool counts = false; ///< by itself; else the TPM's lockout does
};

/// StatementBody is a TPMS_ATTEST. Throws Refused when it is not from inside of a TPM, or no
/// statement of this `type`.
struct StatementBody {
    StatementBody(ByteView attest, std::uint16_t type);

    Bytes signer; ///< qualified Name
    Bytes nonce;
    Bytes subject; ///< what is special to the type, unread
};
inline constexpr std::uint16_t certified_object = 0x8017;
inline constexpr std::uint16_t certified_nv = 0x8014;

/// CertifiedObject is the rest of a StatementBody for an object, CertifiedCount for a PIN index.
struct CertifiedObject {
    explicit CertifiedObject(ByteView subject);
    Bytes name;
    Bytes qualified_name;
};
struct CertifiedCount {
    explicit CertifiedCount(ByteView subject);
    Bytes index_name;
    std::uint32_t used = 0;
    std::uint32_t limit = 0;
};

} // namespace tpmvsc::cli::attest
