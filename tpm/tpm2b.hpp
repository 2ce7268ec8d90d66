// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "tpm/check.hpp"

#include <tss2/tss2_mu.h>
#include <tss2/tss2_tpm2_types.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace tpmvsc::tpm {

/// Tpm2b is any of the TPM2B structures whose content is `buffer` (part 2 section 10.4).
template<typename T>
concept Tpm2b = requires(T t) {
    t.size;
    t.buffer[0];
};

/// fill_tpm2b copies `content` into a sized buffer and nowhere else, so it is the one for secrets.
/// Throws Error(bad_input) when it is too long.
template<Tpm2b T>
void fill_tpm2b(T& target, ByteView content) {
    if (content.size() > sizeof target.buffer)
        throw Error(Fault::bad_input, 0, "value too long for the TPM");
    target.size = static_cast<std::uint16_t>(content.size());
    std::copy(content.begin(), content.end(), std::begin(target.buffer));
}

/// to_tpm2b gives a sized buffer with `content`. Throws Error(bad_input) when it is too long.
template<Tpm2b T>
T to_tpm2b(ByteView content) {
    T result{};
    fill_tpm2b(result, content);
    return result;
}

template<Tpm2b T>
ByteView view_of(const T& sized) {
    return {sized.buffer, std::min<std::size_t>(sized.size, sizeof sized.buffer)};
}
inline ByteView view_of(const TPM2B_NAME& name) {
    return {name.name, std::min<std::size_t>(name.size, sizeof name.name)};
}

inline TPM2B_NAME to_tpm2b_name(ByteView name) {
    TPM2B_NAME result{};
    if (name.size() > sizeof result.name)
        throw Error(Fault::bad_input, 0, "Name too long for the TPM");
    result.size = static_cast<std::uint16_t>(name.size());
    std::copy(name.begin(), name.end(), std::begin(result.name));
    return result;
}

/// ecdsa_signature puts r and s (32 bytes each, P-256 with SHA-256) into the TPM's form.
inline TPMT_SIGNATURE ecdsa_signature(ByteView r_and_s) {
    TPMT_SIGNATURE result{};
    result.sigAlg = TPM2_ALG_ECDSA;
    result.signature.ecdsa.hash = TPM2_ALG_SHA256;
    result.signature.ecdsa.signatureR = to_tpm2b<TPM2B_ECC_PARAMETER>(r_and_s.first(32));
    result.signature.ecdsa.signatureS = to_tpm2b<TPM2B_ECC_PARAMETER>(r_and_s.last(32));
    return result;
}

/// marshal writes `value` in the TPM's form by the tss2-mu function given.
template<typename T, typename Function>
Bytes marshal(Function function, const T& value) {
    Bytes result(2 * sizeof(T) + 16);
    std::size_t offset = 0;
    check("marshalling", function(&value, result.data(), result.size(), &offset));
    result.resize(offset);
    return result;
}

/// unmarshal reads all of `bytes` back. Throws Error(protocol) when that is no T.
template<typename T, typename Function>
T unmarshal(Function function, ByteView bytes) {
    T value{};
    std::size_t offset = 0;
    if (function(bytes.data(), bytes.size(), &offset, &value) != TSS2_RC_SUCCESS ||
        offset != bytes.size())
        throw Error(Fault::protocol, 0, "a stored TPM structure is damaged");
    return value;
}

} // namespace tpmvsc::tpm
