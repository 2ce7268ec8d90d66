// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace tpmvsc::tpm {

/// Fault classes a TPM error by what the caller can do about it.
enum class Fault {
    unreachable,    ///< no device or socket, no permission, or the connection broke
    handle_gone,    ///< a handle or session is no longer there: re-make it
    auth_failed,    ///< wrong authorisation value
    auth_blocked,   ///< authorisation unavailable: tries used up, or index never written
    locked_out,     ///< dictionary-attack lockout of the whole TPM
    policy_failed,  ///< the policy is not satisfied
    ticket_expired, ///< a ticket is over its time or of an earlier TPM start
    no_space,       ///< out of NV space, object or session slots
    unsupported,    ///< algorithm, curve, key size or command that this TPM lacks
    bad_input,      ///< value out of range, point off the curve
    foreign,        ///< an object does not belong to this TPM (integrity check failed)
    exists,         ///< the NV index is defined already
    not_started,    ///< the TPM waits for TPM2_Startup
    failure,        ///< the TPM is in failure mode
    protocol,       ///< an answer that does not hold together: HMAC wrong, malformed
    other,
};

/// Error is a TPM fault. Its text names the command, the code and, for the faults that a person can
/// do something about, what to do.
class Error : public std::runtime_error {
  public:
    Error(Fault fault, std::uint32_t code, const std::string& text)
        : std::runtime_error(text), fault_(fault), code_(code) {}
    Fault fault() const { return fault_; }
    /// The response code as tpm2-tss gives it.
    std::uint32_t code() const { return code_; }

  private:
    Fault fault_;
    std::uint32_t code_;
};

} // namespace tpmvsc::tpm
