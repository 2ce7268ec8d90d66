// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tpm/executor.hpp"
#include "tpm/types.hpp"

#include <functional>

namespace tpmvsc::tpm {

class Connection;

/// as_owner runs `work`, one command, with what authorises it by the password of the TPM's owner,
/// or of another of its hierarchies.
/// The password does not travel: it is proven in an HMAC session that is salted to `salt_key`, or,
/// where that is null, to a key in the null hierarchy that is made for the moment. No password is
/// no secret, and takes no session.
void as_owner(Connection& connection, ByteView password, const Parent* salt_key,
              const std::function<void(const Authorization&)>& work);

} // namespace tpmvsc::tpm
