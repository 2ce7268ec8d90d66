// SPDX-License-Identifier: Apache-2.0
#include "cli/failure.hpp"

#include "card/errors.hpp"
#include "cli/pcsc.hpp"
#include "tpm/error.hpp"

#include <unistd.h>

namespace tpmvsc::cli {
namespace {

ExitCode code_of(tpm::Fault fault) {
    switch (fault) {
    case tpm::Fault::unreachable:
        return ExitCode::no_device;
    case tpm::Fault::auth_failed:
    case tpm::Fault::auth_blocked:
    case tpm::Fault::locked_out:
    case tpm::Fault::policy_failed:
        return ExitCode::not_authorised;
    case tpm::Fault::unsupported:
        return ExitCode::unsupported;
    default:
        return ExitCode::failed;
    }
}

ExitCode code_of(card::StorageError::Reason reason) {
    // The state folder is root's: whoever else is refused there lacks the right, not the space.
    const bool refused = reason == card::StorageError::Reason::unwritable && ::geteuid() != 0;
    return refused ? ExitCode::not_authorised : ExitCode::failed;
}

} // namespace

ExitCode exit_code_of(const std::exception& error) {
    if (const auto* failure = dynamic_cast<const Failure*>(&error)) {
        return failure->code();
    }
    if (const auto* fault = dynamic_cast<const tpm::Error*>(&error)) {
        return code_of(fault->fault());
    }
    if (const auto* storage = dynamic_cast<const card::StorageError*>(&error)) {
        return code_of(storage->reason());
    }
    if (const auto* reader = dynamic_cast<const pcsc::Error*>(&error)) {
        return reader->exit_code();
    }
    return ExitCode::failed;
}

} // namespace tpmvsc::cli
