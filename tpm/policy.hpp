// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <span>

/// Policy digests (SHA-256) computed on the host, as TPM 2.0 part 3 chapter 23 extends them.
namespace tpmvsc::tpm::policy {

/// The digest of a policy session that has seen nothing yet.
Bytes start();
Bytes secret(ByteView digest, ByteView entity_name); ///< PolicySecret, empty policyRef
Bytes signed_by(ByteView digest, ByteView key_name, ByteView policy_ref = {}); ///< PolicySigned
Bytes cp_hash(ByteView digest, ByteView command_parameters);                   ///< PolicyCpHash
Bytes command_code(ByteView digest, std::uint32_t command_code); ///< PolicyCommandCode
Bytes nv_written(ByteView digest, bool written);                 ///< PolicyNvWritten
/// PolicyNV: the index' content from its beginning equals `operand`.
Bytes nv_equal(ByteView digest, ByteView operand, ByteView index_name);
Bytes auth_value(ByteView digest);             ///< PolicyAuthValue
Bytes authorize(ByteView key_name);            ///< PolicyAuthorize, empty policyRef
Bytes any_of(std::span<const Bytes> branches); ///< PolicyOR, 2 to 8 branches

} // namespace tpmvsc::tpm::policy
