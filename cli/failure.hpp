// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace tpmvsc::cli {

/// ExitCode is what the tool tells a script; the numbers follow tpm2-tools.
enum class ExitCode : int {
    done = 0,
    failed = 1,
    usage = 2,          ///< wrong options or values
    not_authorised = 3, ///< wrong PIN or password, or not allowed to
    no_device = 4,      ///< no TPM or no reader
    unsupported = 5,    ///< this TPM or card cannot do it
};

/// Failure ends a subcommand: one sentence for the person, one exit code for the script. No secret
/// ever goes into the sentence.
class Failure : public std::runtime_error {
  public:
    Failure(ExitCode code, const std::string& sentence)
        : std::runtime_error(sentence), code_(code) {}
    ExitCode code() const { return code_; }

  private:
    ExitCode code_;
};

/// exit_code_of classes an exception of any layer by what the caller can do about it.
ExitCode exit_code_of(const std::exception& error);

} // namespace tpmvsc::cli
