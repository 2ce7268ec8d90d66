// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/settings.hpp"

#include <string>

namespace tpmvsc::tpm {
class Tpm;
} // namespace tpmvsc::tpm

namespace tpmvsc::cli {

/// tpm_path is the device or socket that a TCTI configuration names; empty when it names none
/// ("swtpm:host=...").
std::string tpm_path(const std::string& tcti);

/// TpmAccess is whether this process gets at the TPM.
struct TpmAccess {
    enum class State { open, absent, refused, silent };
    State state = State::open;
    std::string sentence; ///< why not
    std::string advice;   ///< what to do
};

/// look_for_tpm sends no TPM command.
TpmAccess look_for_tpm(const Settings& settings, tpm::Tpm& tpm);

/// require_tpm throws Failure where the TPM cannot be used: no_device or not_authorised.
void require_tpm(const Settings& settings, tpm::Tpm& tpm);

/// require_writable_state throws Failure where this process cannot create folders below the state
/// folder, before any question is asked: not_authorised for an ordinary user, else failed.
void require_writable_state(const Settings& settings);

/// What is said of a TPM without PIN counters.
inline constexpr const char* no_pin_counters =
    "this TPM is older than revision 1.38 of its specification and cannot count wrong PINs for "
    "each card by itself";
inline constexpr const char* newer_firmware =
    "see whether the computer's maker has newer firmware for it";

/// What is said of a TPM that is a program.
inline constexpr const char* software_tpm_warning =
    "this TPM is a program, not a chip: the card's keys are only as safe as its files. Use it for "
    "trying out and for tests";

} // namespace tpmvsc::cli
