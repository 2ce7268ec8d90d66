// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "tpm/types.hpp"

#include <tss2/tss2_tpm2_types.h>

namespace tpmvsc::tpm {

class Connection;

/// Sensitive is what goes into a new object: both may be empty.
struct Sensitive {
    ByteView auth_value{};
    ByteView data{};
};

/// create_object runs TPM2_Create under `parent`; the sensitive part travels encrypted.
/// `out_public` receives the object's public area.
KeyBlob create_object(Connection& connection, const Parent& parent, const TPM2B_PUBLIC& in_public,
                      const Sensitive& sensitive, TPM2B_PUBLIC& out_public);

} // namespace tpmvsc::tpm
