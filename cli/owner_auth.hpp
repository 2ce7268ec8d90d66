// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "cli/secret_source.hpp"

#include <functional>
#include <optional>
#include <string>

namespace tpmvsc::cli {

/// parse_owner_auth reads the value of --owner-auth; nothing when the option was not given.
std::optional<SecretSource> parse_owner_auth(const std::string& value);

/// owner_auth gets the password of the TPM's owner hierarchy: from `source`, else by asking when
/// one `is_set`, else it is empty. Throws Failure(not_authorised) when it is needed and nobody can
/// be asked. A person takes his time: the connection to the TPM must be closed.
SecretBytes owner_auth(const std::optional<SecretSource>& source, bool is_set);

/// as_owner runs `work`, which uses the password. Where the TPM does not take it,
/// Failure(not_authorised) says so.
void as_owner(const std::function<void()>& work);

} // namespace tpmvsc::cli
