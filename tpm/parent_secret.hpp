// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "tpm/types.hpp"

#include <tss2/tss2_tpm2_types.h>

#include <string_view>

namespace tpmvsc::tpm {

/// ParentSecret is a fresh secret that only the parent key can recover: the salt of a session
/// (label "SECRET") or the seed of an import (label "DUPLICATE"); part 1 annexes B.10 and C.6.
struct ParentSecret {
    SecretBytes value;
    TPM2B_ENCRYPTED_SECRET encrypted{};
};

/// make_parent_secret makes one by ECDH and KDFe, or by OAEP, after the parent's type.
ParentSecret make_parent_secret(const Parent& parent, std::string_view label);

} // namespace tpmvsc::tpm
