// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/failure.hpp"
#include "cli/pcsc.hpp"

#include <string>

namespace tpmvsc::cli::client {

/// refusal says in a sentence that the card did not do `what` ("cannot make the key"), and why as
/// far as the status word tells.
Failure refusal(const std::string& what, unsigned status);

/// require_done throws refusal() unless the reply says that it was done.
void require_done(const std::string& what, const pcsc::Reply& reply);

/// malformed is said of an answer that no card should give.
Failure malformed(const std::string& what);

/// unreadable_certificate is said of what is stored as certificate of `slot` and is none.
Failure unreadable_certificate(const std::string& slot);

} // namespace tpmvsc::cli::client
