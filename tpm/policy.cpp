// SPDX-License-Identifier: Apache-2.0
#include "tpm/policy.hpp"

#include "base/crypto.hpp"

#include <tss2/tss2_tpm2_types.h>

namespace tpmvsc::tpm::policy {

using crypto::sha256;

Bytes start() {
    return Bytes(crypto::sha256_bytes, 0);
}

/// PolicyUpdate of part 3 section 23.2.3: the second hash takes in the policyRef.
static Bytes update(ByteView digest, std::uint32_t command, ByteView argument,
                    ByteView policy_ref = {}) {
    return sha256({sha256({digest, big_endian32(command), argument}), policy_ref});
}

Bytes secret(ByteView digest, ByteView entity_name) {
    return update(digest, TPM2_CC_PolicySecret, entity_name);
}

Bytes signed_by(ByteView digest, ByteView key_name, ByteView policy_ref) {
    return update(digest, TPM2_CC_PolicySigned, key_name, policy_ref);
}

Bytes cp_hash(ByteView digest, ByteView command_parameters) {
    return sha256({digest, big_endian32(TPM2_CC_PolicyCpHash), command_parameters});
}

Bytes command_code(ByteView digest, std::uint32_t command) {
    return sha256({digest, big_endian32(TPM2_CC_PolicyCommandCode), big_endian32(command)});
}

Bytes nv_written(ByteView digest, bool written) {
    const std::uint8_t flag = written ? 1 : 0;
    return sha256({digest, big_endian32(TPM2_CC_PolicyNvWritten), ByteView{&flag, 1}});
}

Bytes nv_equal(ByteView digest, ByteView operand, ByteView index_name) {
    const Bytes arguments = sha256({operand, big_endian16(0), big_endian16(TPM2_EO_EQ)});
    return sha256({digest, big_endian32(TPM2_CC_PolicyNV), arguments, index_name});
}

Bytes auth_value(ByteView digest) {
    return sha256({digest, big_endian32(TPM2_CC_PolicyAuthValue)});
}

Bytes authorize(ByteView key_name) {
    return update(start(), TPM2_CC_PolicyAuthorize, key_name);
}

Bytes any_of(std::span<const Bytes> branches) {
    Bytes all;
    for (const Bytes& branch : branches)
        append(all, branch);
    return sha256({start(), big_endian32(TPM2_CC_PolicyOR), all});
}

} // namespace tpmvsc::tpm::policy
