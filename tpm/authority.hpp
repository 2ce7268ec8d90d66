// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "tpm/types.hpp"

namespace tpmvsc::tpm {

class Connection;
class Session;

/// Authority is an object that does nothing but stand for whoever knows its authorisation value:
/// policies name it by PolicySecret. Unlike an NV index, nobody can make another one of the same
/// Name: a seed that only the TPM knows is hashed into it.
struct Authority {
    KeyBlob blob;
    Bytes name;
};

/// create_authority makes one under `parent` with `auth_value` (at most 32 bytes).
Authority create_authority(Connection& connection, const Parent& parent, ByteView auth_value);

/// policy_authority satisfies PolicySecret(authority) on the policy session, in a salted HMAC
/// session. Throws Error(auth_failed) when the value is wrong.
void policy_authority(Connection& connection, const Parent& parent, const Session& policy,
                      const Authority& authority, ByteView auth_value);

} // namespace tpmvsc::tpm
