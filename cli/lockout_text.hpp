// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/output.hpp"
#include "tpm/lockout.hpp"

#include <chrono>
#include <string>

/// How people and scripts are told of the TPM's dictionary-attack lockout.
namespace tpmvsc::cli {

/// wait_text is "at most 1000 more seconds (about 17 minutes)".
std::string wait_text(std::chrono::seconds wait);

/// lockout_text is the state in a line: whether it is locked and for how long, and how many wrong
/// values count.
std::string lockout_text(const tpm::Lockout& lockout);

/// password_recovery_text says how long the lockout password is refused after a wrong one.
std::string password_recovery_text(const tpm::LockoutLimits& limits);

/// to_json has all of it.
Json to_json(const tpm::Lockout& lockout);

/// What is said of a TPM that punishes no wrong value.
inline constexpr const char* lockout_switched_off =
    "the TPM's lockout is switched off (its recovery time is zero): what it guards can be guessed "
    "at without limit";

/// What is said where the lockout password is empty, as it mostly is.
inline constexpr const char* no_lockout_password =
    "the TPM has no lockout password: root can reset the lockout and then guess on. Set one with "
    "tpm2_changeauth -c lockout, and keep it well";

} // namespace tpmvsc::cli
