// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/settings.hpp"
#include "cli/output.hpp"
#include "tpm/capabilities.hpp"

#include <string>

/// How people and scripts are told what a TPM is: the doctor and "tpmvsc tpm" say the same.
namespace tpmvsc::cli {

/// revision_text is "1.38".
std::string revision_text(unsigned revision);

/// identity_text is maker, model, firmware and specification in a line.
std::string identity_text(const tpm::TpmFacts& facts);

/// algorithm_list names the keys that the TPM makes: "RSA-2048, P-256".
std::string algorithm_list(const tpm::TpmFacts& facts);

/// self_test_name is passed, unfinished or failed.
const char* self_test_name(tpm::SelfTest result);

/// to_json has all of it.
Json to_json(const tpm::TpmFacts& facts, const Settings& settings);

} // namespace tpmvsc::cli
